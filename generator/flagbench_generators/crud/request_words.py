"""The words of a request, in English and Portuguese: those that must have an effect."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
# Words that nothing is made of, by what they do in a request. In English and Portuguese.
_GRAMMAR = """
    a an the this that these those which who whose whom where when while what it its they them their
    he she his her i we me us my our you your one ones some any each every all both either also too
    only just and or but nor not no if whether as so than then there here of to for with without in
    into onto on at by from about between among per via over be is are was were been being am do
    does did done has have had having can could may might must shall should will would need needs
    needed want wants get gets got let lets s t d ll ve re m don doesn isn aren can't same own other
    another more most many much several few lot lots multiple number own new
    um uma uns umas o os as e ou mas nem nao se que qual quais quem cujo onde quando como este esta
    isto esse essa isso aquele aquela ele ela eles elas eu nos nosso nossa nossos nossas meu minha
    meus minhas seu sua seus suas voce de do da dos das em no na nas num numa para pra pro por pelo
    pela com sem entre ate a ao aos ser sao foi era e' estar esta estao estiver ter tem tenha tenham
    tendo haver ha deve devem deveria dever pode podem poder precisa precisam preciso precisamos
    quero queremos queria gostaria gostariamos cada todo toda todos todas mais muito muitos muita
    muitas varios varias outro outra outros outras so apenas tambem ainda ja sobre ai la aqui lhe
"""
_POLITE = """
    please pls plz kindly thanks thank thx cheers hi hello hey dear ok okay sorry oh well
    hope hopefully urgent asap soon today now maybe perhaps basically actually really simply
    simple something like help
    guys folks team boss nice good great cool quick quickly easy exactly obviously
    favor obrigado obrigada valeu ola oi bom boa dia tarde noite gente pessoal agora entao tipo
    assim seria favorzinho talvez rapido simples
"""
_ASKING = """
    create creates creating make makes making build building add adds adding register registers
    registering set setup up introduce define model design store stores storing keep keeps keeping
    track tracks tracking manage manages managing maintain record records recording list lists
    include includes including insert support implement generate write provide start open save saves
    saved give gives given put attach extend update change evolve enhance contain contains consist
    consists describe described identify identified relate relates related relating link links
    linked connect associate associated join assign pair belong belongs belonging refer refers
    following called named consisting know see follow look
    crie criar cria criando cadastre cadastrar cadastra cadastro registre registrar registro defina
    definir faca fazer monte montar adicione adicionar acrescente acrescentar inclua incluir guarde
    guardar controle controlar gerencie gerenciar mantenha manter insira inserir coloque colocar
    relacione relacionar associe associar vincule vincular ligue ligar conecte conectar ligado
    ligada pertence pertencem pertencer contendo contem conter possui possua possuir chamado chamada
    seguinte seguintes saber ver anotar salvar
"""
_FORM = """
    app application system software program tool website site web page database db table tables form
    entity entities field fields attribute attributes column columns property properties object
    resource crud api thing things stuff information info data details kind kinds type types value
    values relation relations relationship relationships many association rule rules constraint item
    aplicativo aplicacao sistema programa ferramenta pagina banco tabela tabelas entidade entidades
    campo campos atributo atributos coluna colunas propriedade dados informacao informacoes coisa
    coisas tipo tipos valor valores relacao relacoes relacionamento relacionamentos regra regras
"""
# What says the type of an attribute, or a constraint, which are held against those.
_TYPES = """
    string str text long short integer int whole decimal float numeric boolean bool flag yes true
    false date time datetime timestamp email mail texto longo curto inteiro booleano sim verdadeiro
    falso data hora
"""
_CONSTRAINTS = """
    unique unico unica unicos unicas duplicate duplicates duplicated duplicado duplicada duplicados
    duplicadas repeat repeated repeats repeating repetir repete repetem repetido repetida repetidos
    repetidas repeticao distinct twice two optional optionally opcional opcionais opcionalmente
    required mandatory obligatory obrigatorio obrigatoria obrigatorios obrigatorias necessario least
    most maximum minimum max min maximo minimo menos never cannot nunca nenhum nenhuma dois duas
    empty blank missing vazio known se houver tiver still yet already or always sempre
"""
IGNORED = frozenset(
    _WORD.findall(" ".join((_GRAMMAR, _POLITE, _ASKING, _FORM, _TYPES, _CONSTRAINTS)))
)
# What the application is for says nothing of its content: "a booking system for a hair salon".
_PURPOSE = re.compile(
    r"\b(?:system|app|application|software|tool|website|site|program|database"
    r"|sistema|aplicativo|aplicacao|programa|ferramenta)\b"
    r"(?:\s+(?:of|for|in|at|to|para|pra|de|do|da|em|no|na)\b"
    r"(?:\s+(?:a|an|the|our|my|um|uma|o|meu|minha|nosso|nossa))?(?:\s+[a-z0-9]+){1,2}?"
    r"(?=\s*(?:[.,;:!?(\n]|$|\b(?:with|where|that|which|to|com|onde|que|for|para|pra)\b))){1,2}"
    # and who wants it: "we run a gym."
    r"|^\W*(?:(?:hi|hello|hey|oi|ola)\b\W*)?"
    r"(?:we|i) (?:run|own|have|work (?:in|at|for))\b[^.!,;]*[.!]"
)
_PLACE = re.compile(
    r"\b(?:for|at|in|of|para|pra|da|do|na|no)\s+"
    r"(?:our|my|nossa|nosso|minha|meu)(?:\s+[a-z0-9]+){1,2}?(?=\s*(?:[.,;:!?(\n]|$))"
)


def plain(text: str) -> str:
    """The text in lower case and without accents; an e-mail is an email."""
    folded = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    base = "".join(sign for sign in folded if not unicodedata.combining(sign)).lower()
    return re.sub(r"\be-mail", "email", base)


def content(request: str) -> tuple[str, ...]:
    """The words of a request, as `plain` has them, that a specification must have a part for."""
    text = _PLACE.sub(" ", _PURPOSE.sub(" ", plain(request)))
    return tuple(
        dict.fromkeys(word for word in _WORD.findall(text) if len(word) > 1 and not _ignored(word))
    )


@lru_cache(maxsize=4096)  # a slip of the pen is searched for in all words
def _ignored(word: str) -> bool:
    return word in IGNORED or any(_is_slip(word, other) for other in IGNORED)


def words_of(name: str) -> Iterator[str]:
    """The words of a name: `OrderLine` and `order_line` have two."""
    yield from _WORD.findall(plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ")))


def is_said(word: str, known: frozenset[str]) -> bool:
    """True where a word, or another form of it, is among the stems of others."""
    own = stem(word)
    return own in known or any(
        min(len(own), len(other)) >= 4 and (_begin_alike(own, other) or _is_slip(own, other))
        for other in known
    )


def _is_slip(word: str, other: str) -> bool:
    """`wiht`, `creat`, `adress`: letters that changed places, or a letter that is missing."""
    if word[0] != other[0] or min(len(word), len(other)) < 4:
        return False
    if len(word) == len(other):
        return sorted(word) == sorted(other)
    short, long = sorted((word, other), key=len)
    missing = (long[:at] + long[at + 1 :] for at in range(1, len(long)))
    return len(long) - len(short) == 1 and len(short) > 4 and short in missing


def _begin_alike(word: str, other: str) -> bool:
    """`enrolled` and `enrolment`, `inscrito` and `inscricao`: most of the shorter one."""
    shorter = min(len(word), len(other))
    same = next((at for at in range(shorter) if word[at] != other[at]), shorter)
    return same >= max(4, round(shorter * 0.75))


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark have the same requests
def stem(word: str) -> str:
    """A word without its plural, in both languages: `categories`, `lines`, `animais`, `cores`."""
    for end, instead in (("ies", "y"), ("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"),
                         ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"),
                         ("res", "r"), ("zes", "z")):  # fmt: skip
        if word.endswith(end) and len(word) > len(end) + 1:
            return word[: -len(end)] + instead
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
