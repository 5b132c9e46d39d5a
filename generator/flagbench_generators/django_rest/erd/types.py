"""Type names of SQL and programming languages, for the suggestions of errors."""

from collections.abc import Mapping

from flagbench_generators.django_rest.erd.values import TYPES, FieldType

_WORDS: Mapping[FieldType, str] = {
    "string": "varchar varchar2 nvarchar nvarchar2 char nchar character character_varying "
    "str citext",
    "text": "longtext mediumtext tinytext ntext clob nclob longstring",
    "integer": "int int2 int4 int8 int16 int32 int64 bigint smallint tinyint mediumint serial "
    "bigserial smallserial long short number uint unsigned",
    "decimal": "numeric money smallmoney currency dec",
    "float": "real double float4 float8 float32 float64 double_precision",
    "boolean": "bool bit",
    "date": "day",
    "datetime": "timestamp timestamptz datetime2 datetimeoffset smalldatetime datetimetz "
    "timestamp_with_time_zone timestamp_without_time_zone",
    "time": "timetz time_of_day",
    "email": "mail",
    "url": "uri link",
    "uuid": "guid uniqueidentifier",
}
_TYPE_OF = {word: type_ for type_, words in _WORDS.items() for word in words.split()} | {
    type_: type_ for type_ in TYPES
}


def type_of(word: str) -> FieldType | None:
    """Return the field type for a type name of another language, or None."""
    return _TYPE_OF.get("_".join(word.lower().split()))
