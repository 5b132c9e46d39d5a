"""What a catalogue of messages must have. It knows nothing of the generator."""

import json
import re


def judge(artifact, spec):
    """Accept a catalogue with the keys of `spec`, each text with the placeholders named there."""
    catalogue = json.loads(artifact.text)
    if catalogue.keys() != spec.keys():
        return f"the keys are {sorted(catalogue)}; expected: {sorted(spec)}"
    for key, names in spec.items():
        found = re.findall(r"\{(\w+)\}", catalogue[key])
        assert found == names, f"{key} has the placeholders {found}; expected: {names}"
    return None
