"""The same statement is written in another form than the canonical one."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

from scalegate.ledger.envelopes import STATEMENT_TYPE, pre_authentication
from scalegate.wiring import signer_of
from tests.attacks.record.stage import EVIDENCE, Stage, payload_of, with_payload


def test_another_form_of_the_same_statement_is_refused(stage: Stage) -> None:
    path = stage.folder / "forged.json"
    said = payload_of(Path(stage.sealed("evidence", EVIDENCE, "evaluator")).read_bytes())
    spaced = json.dumps(said, indent=1).encode()
    signer = signer_of(stage.folder / "record" / "keys" / "evaluator.pem")
    signature = signer.sign(pre_authentication(STATEMENT_TYPE, spaced))
    path.write_bytes(
        with_payload(path.read_bytes(), spaced).replace(
            json.loads(path.read_bytes())["signatures"][0]["sig"].encode(),
            b64encode(signature),
        )
    )
    assert "canonical" in stage.refused("ledger", "add", "forged.json")
