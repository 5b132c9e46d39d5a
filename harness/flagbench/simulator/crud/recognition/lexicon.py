"""Vocabulary of recognition in English and Portuguese (without accents, lower case)."""

import re

PORTUGUESE = re.compile(
    r"\b(crie|criar|cria|cadastr\w+|registr(?:e|ar)|adicion\w+|acrescent\w+|inclu(?:a|ir)"
    r"|relacion\w+|associ(?:e|ar)|vincul\w+|lig(?:ue|ar)|conect\w+|preciso|precisamos|quero"
    r"|queremos|gostaria|gostariamos|com|cada|um|uma|uns|umas|seu|sua|seus|suas"
    r"|deve\w*|nao|pertence"
    r"|dos|das|pelo|pela|ao|aos|onde|obrigatori[oa]|opcional|faca|de|do|da|novo|nova|por favor)\b"
)
ENGLISH = re.compile(
    r"\b(create|add|register|set up|introduce|need|want|with|and|the|each|its|their|must|relate"
    r"|link|give|every|belongs?|should|an|please|to|of|or|optional|required|i|we|make|define)\b"
)

CREATE = (
    r"create|creating|register|set up|setup|introduce|build|make|define|model|design|store|keep"
    r"(?: track of)?|track|manage|maintain|record|new|add|have|need|want|would like|like to have"
    r"|insert|include|like|support|implement|generate|start with|there (?:is|are)"
    r"|let there be|provide|open"
    r"|crie|criar|cria|criando|cadastr(?:e|ar|a|o)|cadastro de|registr(?:e|ar)|defin(?:a|ir)|faca"
    r"|fazer|mont(?:e|ar)|preciso(?: de| cadastrar)?|precisamos(?: de| cadastrar)?|quero|queremos"
    r"|gostaria de|gostariamos de|novo|nova|adicion(?:e|ar)|implement(?:e|ar)|guard(?:e|ar)"
    r"|control(?:e|ar)|gerenci(?:e|ar)|mantenha|tenha|ter|inclu(?:a|ir)|introduz(?:a|ir)"
)
ADD = (
    r"add|adding|append|include|put|attach|insert|extend|also needs?|adicion(?:e|ar)"
    r"|acrescent(?:e|ar)|inclu(?:a|ir)|coloque|colocar|insir(?:a|ir)|ponha"
)
RELATE = (
    r"relat(?:e|ing)|link|connect|associate|join|assign|enrol+|attach|tie|pair|match"
    r"|relacion(?:e|ar)|associ(?:e|ar)|vincul(?:e|ar)|lig(?:ue|ar)|conect(?:e|ar)|matricul(?:e|ar)"
    r"|atribu(?:a|ir)"
)
WITH = (
    r"with|having|has|have|that has|that have|which has|which have|containing|that contains?"
    r"|including|that includes?|consisting of|described by|identified by|and its|whose fields are"
    r"|com|contendo|que tenha|que tem|tendo|que possua|que possui|possuindo|incluindo|tem|e seus"
)
ARTICLES = (
    r"a|an|the|every|each|all|any|some|our|my|new|its|his|her|their|your|one|several|many|multiple"
    r"|um|uma|uns|umas|o|os|as|cada|todo|toda|todos|todas|novo|nova|seu|sua|seus|suas|nosso|nossa"
    r"|varios|varias|muitos|muitas|algum|alguma"
)
ENTITY_WORDS = (
    r"entity|entities|resource|table|record|records|model|object|registration|register|type"
    r"|entidade|tabela|cadastro|registro|recurso|modelo"
)
_VERB = (
    r"must|cannot|can not|can't|may not|must not|should not|shall|has to|have to|should be"
    r"|may only|can only|is limited to|are limited to|lasts?|needs to be|is one of"
    r"|are one of|never|is unique"
    r"|are unique|is always|is between|not exceed"
    r"|deve|devem|nao pode|nao podem|tem que|precisa ser|so pode|nunca|e unico|e unica|dura|duram"
)
CLAUSE_VERBS = _VERB
"""Verbs that make a clause a rule."""
MODAL = rf"{_VERB}|at most|at least|no more than|no maximo|pelo menos|no minimo"
"""Words that make any text a rule."""
OPTIONAL = re.compile(
    r"\b(optional(?:ly)?|opcional(?:mente)?|opcionais|not required|nullable|if known|if any"
    r"|se houver|nao obrigatori[oa]|may be (?:empty|missing|blank)|can be (?:empty"
    r"|missing|blank))\b"
)
REQUIRED = re.compile(r"\b(required|mandatory|obligatory|obrigatori[oa]s?|not null)\b")
UNIQUE = re.compile(r"\b(unique|unic[oa]s?)\b")

TYPE_WORDS = {
    "string": "string", "str": "string", "short text": "string", "varchar": "string",
    "texto curto": "string", "char": "string", "characters": "string", "cadeia": "string",
    "text": "text", "long text": "text", "texto longo": "text", "texto": "text",
    "paragraph": "text", "multiline": "text",
    "integer": "integer", "int": "integer", "whole number": "integer", "whole": "integer",
    "inteiro": "integer", "numero inteiro": "integer", "count": "integer",
    "number": "number", "float": "number", "decimal": "number", "real": "number",
    "numeric": "number", "money": "number", "currency": "number", "numero": "number",
    "percentage": "number", "double": "number", "amount": "number", "dinheiro": "number",
    "boolean": "boolean", "bool": "boolean", "yes/no": "boolean", "yes or no": "boolean",
    "true/false": "boolean", "true or false": "boolean", "flag": "boolean", "checkbox": "boolean",
    "booleano": "boolean", "sim/nao": "boolean", "sim ou nao": "boolean", "logico": "boolean",
    "date": "date", "data": "date", "day": "date",
    "datetime": "datetime", "date and time": "datetime", "date time": "datetime",
    "timestamp": "datetime", "data e hora": "datetime", "date-time": "datetime",
    "email": "email", "e-mail": "email", "email address": "email", "e-mail address": "email",
}  # fmt: skip

_BY_NAME = (
    ("email", re.compile(r"\be_?mails?\b|_email|email_|correio")),
    ("datetime", re.compile(
        r"_at$|timestamp|datetime|date_time|data_hora|data_e_hora|horario|\btime$|_time$|^hora$"
    )),
    ("date", re.compile(
        r"\b(?:date|birthday|deadline|data|nascimento|prazo|vencimento|due|dob)\b"
        r"|(?:^|_)(?:date|birthday|deadline|data|prazo|vencimento|dob)(?:_|$)|(?:^|_)on$"
    )),
    ("boolean", re.compile(
        r"^(?:is|has|can|was|tem|eh|esta|foi)_|(?:^|_)(?:active|enabled|disabled|available|paid"
        r"|completed|done|published|verified|approved|archived|deleted|confirmed|in_stock|ativo"
        r"|ativa|disponivel|pago|paga|concluid[oa]|aprovad[oa]|publicad[oa]|verified|featured"
        r"|taxable|returned|devolvid[oa]|fragile|discontinued|subscribed|newsletter)$"
    )),
    ("number", re.compile(
        r"(?:^|_)(?:price|amount|cost|total|salary|rate|weight|height|width|length|depth|balance"
        r"|discount|tax|fee|latitude|longitude|percentage|percent|temperature|score|rating|gpa"
        r"|preco|valor|custo|salario|peso|altura|largura|comprimento|saldo|desconto|taxa|nota"
        r"|average|media|volume|budget|revenue|margin|distance)(?:_|$)"
    )),
    ("integer", re.compile(
        r"^(?:number_of|num_|numero_de|quantidade_de)|(?:^|_)(?:age|quantity|count|stock"
        r"|year|credits?|capacity|pages|floor|seats|hours|minutes"
        r"|days|duration|copies|points|semester|idade|quantidade|estoque|ano|creditos?|capacidade"
        r"|paginas|andar|vagas|horas|minutos|dias|duracao|copias|exemplares|pontos|semestre"
        r"|inventory|level_number|size_number|rank|priority_number|reorder|qty|units)(?:_|$)"
    )),
    ("text", re.compile(
        r"(?:^|_)(?:description|notes?|comments?|bio|biography|summary|body|content|details"
        r"|abstract|remarks|message|descricao|observac(?:ao|oes)|comentarios?|biografia|resumo"
        r"|conteudo|detalhes|mensagem|instructions|about)$"
    )),
)  # fmt: skip


_PLAIN_ATTRIBUTES = frozenset(
    {
        "name", "phone", "telephone", "address", "title", "code",
        "level", "grade", "status", "color",
        "nickname", "gender", "city", "country", "isbn", "sku",
        "cpf", "nome", "telefone", "celular",
        "endereco", "titulo", "codigo", "nivel", "cor", "apelido", "cidade", "pais", "matricula",
        "surname", "sobrenome", "username", "password", "senha", "url", "website", "type", "tipo",
    }
)  # fmt: skip


def is_attribute_word(name: str) -> bool:
    """True for a snake_case noun that is an attribute rather than an entity."""
    last = name.rpartition("_")[2]
    return last in _PLAIN_ATTRIBUTES or guess_type(name) != "string"


def guess_type(name: str) -> str:
    """Type of an attribute by its snake_case name; string where no pattern matches."""
    return next((kind for kind, pattern in _BY_NAME if pattern.search(name)), "string")


def is_portuguese(text: str) -> bool:
    """True when a text (ASCII, lower case) has more Portuguese words than English ones."""
    return len(PORTUGUESE.findall(text)) > len(ENGLISH.findall(text))
