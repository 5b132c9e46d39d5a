"""Issues in the words of Django, of linters and of people, for every defect of a Django backend.

`{e}` is the entity and `{m}` the member that it is about.
"""

ISSUES: dict[str, tuple[str, ...]] = {
    "no_docstrings": ("{e} needs a docstring", "the module needs a docstring"),
    "set_null_without_null": (
        "api.{e}.{m}: (fields.E320) Field specifies on_delete=SET_NULL, but cannot be null.",
        "{e}.{m} is SET_NULL and needs null=True, blank=True",
    ),
    "reverse_clash": (
        "api.{e}.{m}: (fields.E304) Reverse accessor 'Customer.order_set' for 'api.{e}.{m}' "
        "clashes with another reverse accessor.",
        "{e}.{m} needs a related_name that is its own",
    ),
    "through_forgotten": ("{e}.{m} lacks its through entity",),
    "unknown_target": (
        "api.{e}.{m}: (fields.E300) Field defines a relation with model 'X', which is either not "
        "installed, or is abstract.",
        "{e}.{m} must lead to the entity of the ERD",
    ),
    "wrong_on_delete": ("{e}.{m}: on_delete is not what the ERD says",),
    "default_at_import": (
        "the default of {e}.{m} is called once, at import",
        "api.{e}.{m}: (fields.W161) Fixed default value provided.",
    ),
    "order_forgotten": ('{e} needs an order: Meta.ordering = ["id"]', "{e} lacks Meta.ordering"),
    "wrong_max_length": ("{e}.{m}: max_length is another one", "{e}.{m} has another length"),
    "choices_forgotten": ("{e}.{m} lacks its choices",),
    "unique_forgotten": ("{e}.{m} must be unique: unique=True",),
    "default_forgotten": ("{e}.{m} lacks its default",),
    "null_forgotten": ("{e}.{m} may be null: null=True, blank=True", "{e}.{m} may be left out"),
    "field_left_out": ("{e}.{m} is missing",),
    "all_fields": ("{e}Serializer must list the fields, not __all__",),
    "read_only_forgotten": ("{e}Serializer: {m} has a through entity and must be read only",),
    "unknown_field": (
        "Field name `{m}` is not valid for model `{e}` in `api.serializers.{e}Serializer`.",
        "{e}Serializer lists {m}, which is not in the ERD",
    ),
    "name_left_out": ("{e}Serializer lacks {m}",),
    "csrf_exempt": ("no csrf_exempt",),
    "raw_sql": ("use the ORM, no SQL of your own", "line 9: B608 possible SQL injection"),
    "protected_unanswered": ("ProtectedError is answered 500; it must be a 409",),
    "related_left_out": (
        "{e}ViewSet must select_related its relations",
        "{e}ViewSet: too many queries (n+1)",
    ),
    "allow_any": ("nobody may read or write without permission", "{e}ViewSet has AllowAny"),
    "permissions_left_out": ("{e}ViewSet must have permission_classes = [ModelPermissions]",),
    "wrong_serializer": (
        "{e}ViewSet must have serializer_class = {e}Serializer",
        "module 'api.serializers' has no attribute '{e}ModelSerializer'",
    ),
    "not_registered": ("{e}ViewSet is not registered",),
    "auth_left_out": ("urlpatterns must include api.auth under auth/",),
    "wrong_prefix": ("the route of {e}ViewSet is its plural with hyphens",),
    "token_exempt": ("no csrf_exempt",),
    "hard_coded_secret": ("B105: possible hardcoded password",),
    "strangers_read": ("whoever does not say who they are gets 401",),
    "view_not_asked": ("GET needs the permission to view",),
    "truncated": ("{e} is incomplete", "the file must be complete"),
    "tight_spacing": ("E302 expected 2 blank lines",),
    "long_lines": ("line 7: E501 line too long (96 > 79 characters)",),
    "unused_imports": ("api/views.py:3:1: F401 'json' imported but unused",),
    "does_not_parse": ("does not parse: line 3: invalid syntax",),
}
