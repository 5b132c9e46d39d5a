"""Sentence patterns of requests that create or evolve an entity."""

import re

from flagbench.simulator.crud.recognition.lexicon import ADD, ARTICLES, MODAL, WITH
from flagbench.simulator.crud.recognition.lexicon import CREATE as CREATING

TO = r"to|into|onto|on|in|for|of|a|ao|aos|as|no|na|nos|nas|em|para|do|da"
_FIELDS = r"fields?|attributes?|columns?|properties|campos?|atributos?"
_FILLER = (
    rf"(?:to|que|de|of|voce|have|be able to|cadastrar|registrar|registre|create|criar|register"
    rf"|store|manage|track(?: of)?|keep(?: track of)?|model|add|{ARTICLES})"
)
_NOUN = rf"[\w-]+(?:\s+(?!(?:{WITH}|each|that|which|where|who|que|whose|cada)\b)[\w-]+){{0,3}}?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


EVOLVE = _pattern(
    rf"\b(?:{ADD})\s+(?P<list>.+?)\s+(?:{TO})\s+(?:(?:{ARTICLES})\s+)*"
    r"(?P<entity>[\w-]+(?:\s+(?!with\b|com\b)[\w-]+)?)\s*$"
)
EVOLVE_FIRST = _pattern(
    r"^(?:(?:extend|update|change|evolve|enhance|give|altere|estenda|atualize|evolua|de|to|for|in"
    rf"|on|para|no|na|ao)\s+)?(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+)[,:]?\s+"
    r"(?:(?:entity|entidade|should|must|needs?|also|now|shall|has to|devem?|precisam?"
    r"|tambem|agora|with"
    rf"|com|by|gets?|recebe|ganha|add|adicione|have|has|tem|(?=(?:{ARTICLES})\s))\s*)+"
    r"(?:to\s+|de\s+)?(?:(?:also|tambem)\s+)?"
    r"(?:have|has|include|store|contain|carry|get|ter|guardar|incluir|conter|adding)?\s*"
    r"(?P<list>.+)$"
)
CREATE = _pattern(
    rf"\b(?:{CREATING})\s+(?:{_FILLER}\s+)*(?P<entity>{_NOUN})\s*"
    rf"(?:,?\s*(?:(?:that|which|who|que|it|each|each one|cada|cada um"
    rf"|cada uma)\s+)?(?:{WITH})\b\s*:?"
    r"\s*(?:(?:the|os|as|their|its|only)\s+)*(?:(?:following|seguintes)\s+)?"
    rf"(?:(?:{_FIELDS})\b(?=\s*:|\s+[\w-]+))?\s*:?|:|\(|\s-\s|\n)(?P<list>.+)$"
)
CREATE_BARE = _pattern(
    rf"^(?:.*?\b)?(?:{CREATING})\s+(?:(?:to|have|create|criar|cadastrar)\s+)*"
    rf"(?P<entity>(?:(?:{ARTICLES})\s+)*[\w-]+(?:\s+[\w-]+){{0,3}})\s*$"
)
NOUN_WITH = _pattern(
    rf"^(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+(?:\s+[\w-]+)?)\s*(?:\b(?:{WITH})\b"
    rf"|:)\s*(?P<list>.+)$"
)
BELONGING = _pattern(
    r"(?:^|[\s,;]+)(?:(?:and|e)\s+)?(?:(?:each|which|that|it|cada|que)\s+)?(?:\w+\s+)?"
    r"(?:belong(?:s|ing)? to|pertenc(?:e|ente|em) a|linked to|ligad[oa] a)o?\s+"
    rf"(?:(?:{ARTICLES})\s+)*([\w-]+)"
)
MORE_OF_IT = _pattern(
    rf"^(?:it|they|ele|ela|eles|elas|the|its|(?:(?:{ARTICLES})\s+)*[\w-]+)\s+"
    rf"(?:(?:{_FIELDS})\s+are\s*:?|(?:(?:should|also|may|tambem|pode)\s+)*"
    r"(?:has|have|with|needs?|includes?|contains?|tem|ter|com|possui|is described by)\s*:?)\s*"
    r"(?P<list>.+)$"
)
ADD_RULE = _pattern(
    r"^(?:add|adicione|include|inclua|enforce|apply|imponha)\s+(?:(?:a|an|the|o|a"
    r"|uma?|this|new)\s+)*"
    r"(?:business\s+)?(?:rule|regra|constraint|restricao)(?:\s+de\s+negocio)?\s+"
    rf"(?:to|for|on|ao?|para|no|na|em)\s+(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+)\s*"
    r"(?::|,|that|que)\s*(?P<rule>.+)$"
)
OF_ENTITY = _pattern(rf"\b(?:of|de|do|da|dos|das|for|no two|two)\s+(?:(?:{ARTICLES})\s+)*([\w-]+)")
RULE_SUBJECT = _pattern(rf"^(?:(?:{ARTICLES}|no two|nenhum|nenhuma)\s+)*([\w-]+)")
POSSESSIVE = re.compile(r"\b(\w+)['\u2019]s\b")
SYSTEM = _pattern(
    r"\s+(?:to|in|into|on|no|ao|em)\s+(?:the|our|my|nosso|o)?\s*"
    r"(?:system|application|app|database|sistema|aplicativo|aplicacao)\b"
)
NO_TWO = _pattern(r"^(?:no two|nenhum|nenhuma|dois|duas)\b")
HAVE_ATTRIBUTE = _pattern(
    rf"^(?:(?:{ARTICLES})\s+)*[\w-]+\s+(?:must|should|shall|devem?)\s+(?:also\s+"
    rf"|tambem\s+)?(?:have|ter)"
    r"\s+(?:an?|uma?|its|seu|sua)\s+(?!.*\b(?:unique|unic[oa]|at least|at most|\d))[\w ,()-]+$"
)
RULE = _pattern(rf"\b(?:{MODAL})\b")
