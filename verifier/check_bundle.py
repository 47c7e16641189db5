"""Check a Scalegate bundle with nothing but Python and `cryptography`.

    python check_bundle.py record.zip --root root.json [--seen checkpoint] [--as-of INSTANT]

A second implementation, sharing no code with the package `scalegate`. It prints the same numbered
steps, and what it leaves out; it exits 0 if all hold, 12 if one does not, 2 on wrong usage.
"""

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import datetime, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

TYPE = "https://in-toto.io/Statement/v1"
OURS = "https://scalegate.example/predicate/"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATES = set(
    "policy policy-diff evaluation-plan evidence safeguard-status act order incident specification"
    " document register-edge gate-decision waiver duty disclosure trust permit withdrawal".split()
)
TRUST, DECISION = OURS + "trust/v1", OURS + "gate-decision/v1"
WORDS = {f"{OURS}{each}/v1": each for each in PREDICATES}
WORDS["https://slsa.dev/verification_summary/v1"] = "summary"
REASONS = set("hazardous personal third_party security commercial legal".split())
HEX = re.compile(r"[0-9a-f]{64}")
MORE = {"items": "salt", "refused": "reason"}
KEPT = {"fields": ["digest"], "items": ["count", "root"]}
PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
WIDTH, MOST_FILE, MOST_BUNDLE, MOST_FILES = 256, 16 << 20, 1 << 30, 60_000
EMPTY = hashlib.sha256(b"").digest()
NOT_CHECKED = (
    "whether every decision follows from policy and evidence (not checked here)",
    "that what was recorded is true (the weights of a summary, too), or all that there was",
    "times in statements: they are the signers' own",
    "that the log shows everybody the same: only witnesses can say so",
)


class Refused(Exception):
    """A step does not hold."""


def need(holds, why):
    """Refuse unless it holds."""
    if not holds:
        raise Refused(why)


def attempt(why, call, *given, **more):
    """Call, and refuse where bad input is an error."""
    try:
        return call(*given, **more)
    except (AttributeError, ValueError, RecursionError) as cause:
        raise Refused(why) from cause


def sha(content):
    """Return a digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def every(value, depth=0):
    """Yield a value and all that it holds, each with its depth."""
    yield value, depth
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        yield from every(each, depth + 1)


def strict(content, what):
    """Read JSON: no key twice, no NaN, bounded."""
    need(len(content) <= MOST_FILE, f"{what} is too large")
    once = lambda pairs: need(len(dict(pairs)) == len(pairs), "JSON has a key twice") or dict(pairs)
    hooks = {"object_pairs_hook": once, "parse_constant": lambda text: need(False, f"has {text}")}
    found = attempt(f"{what} is not JSON", json.loads, content, **hooks)
    need(all(depth < 64 for _, depth in every(found)), "JSON is too deep")
    return found


def write(value):
    """Write JSON in its canonical form (RFC 8785); of numbers, only safe integers."""
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    if not isinstance(value, dict):
        number = 0 if value is None or isinstance(value, str) else value
        good = isinstance(number, int) and abs(number) < 1 << 53
        need(good, "a number is no integer that every language reads alike")
        return json.dumps(value, ensure_ascii=False)
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{write(name)}:{write(value[name])}" for name in names) + "}"


def canonical(content, what):
    """Read JSON that must be its own canonical form."""
    found = strict(content, what)
    own = attempt(f"{what} has a lone surrogate", write(found).encode)
    need(own == content, f"{what} is not in canonical form")
    return found


def unbase64(text, what, lenient=False):
    """Decode base64; unless lenient, in its one form."""
    need(isinstance(text, str) and text.isascii(), f"{what} is not base64")
    text = text.replace("-", "+").replace("_", "/") if lenient else text
    found = attempt(f"{what} is not base64", base64.b64decode, text, validate=True)
    need(lenient or base64.b64encode(found).decode() == text, f"{what} is not canonical base64")
    return found


def shape(found, **kinds):
    """Return fields of an object, each of its kind."""
    good = isinstance(found, dict) and all(isinstance(found.get(x), kinds[x]) for x in kinds)
    need(good, f"no object with {', '.join(kinds)}, or a field of another kind")
    return [found[each] for each in kinds]


def texts(found, *names):
    """Return fields of an object that are texts."""
    return shape(found, **dict.fromkeys(names, str))


def decimal(text, what):
    """Read a decimal without leading zeroes, below 2**63."""
    good = isinstance(text, str) and re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII)
    need(good and int(text) < 1 << 63, f"bad {what}")
    return int(text)


def moment(text):
    """Read an instant with its zone; a day alone is its first instant in UTC."""
    text = f"{text}T00:00:00Z" if len(text) == 10 else text
    found = attempt(f"no instant: {text}", datetime.fromisoformat, text.replace("Z", "+00:00"))
    need(found.tzinfo, f"no zone: {text}")
    return found


def unzip(content):
    """Return the members of a bundle in order: an uncompressed zip with one form."""
    at, members, directory = 0, {}, []
    while content[at : at + 4] == b"PK\x03\x04":
        size, length = struct.unpack("<18xI4xH2x", content[at : at + 30].ljust(30))
        need(size <= MOST_FILE and len(members) <= MOST_FILES, "bundle is too large")
        start = at + 30 + length
        path, body = content[at + 30 : start], content[start : start + size]
        name = path.decode("ascii", "replace")
        need(PATH.fullmatch(name), f"bundle has a path that could leave it: {name[:80]!r}")
        need(name not in members, f"bundle has a path twice: {name[:80]!r}")
        fixed = (20, 0, 0, 0, 0x21, zlib.crc32(body), size, size, length, 0)
        good = content[at:start] == struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *fixed) + path
        need(good and len(body) == size, f"bundle is cut off, or has another form: {name[:80]!r}")
        made = (b"PK\x01\x02", 20, 3, *fixed, 0, 0, 0, 0o100644 << 16, at)
        directory.append(struct.pack("<4sBBHHHHHIIIHHHHHII", *made) + path)
        members[name], at = body, start + size
    listed, count = b"".join(directory), len(directory)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(listed), at, 0)
    need(content[at:] == listed + end, "bundle does not end with the directory of its files")
    return members


def read_bundle(content):
    """Return the files of a bundle, compared with its manifest, and what it says is withheld."""
    members = unzip(content)
    names = list(members)
    manifest = canonical(members.pop("manifest.json", b""), "manifest of the bundle")
    need(names[0] == "manifest.json" and names[1:] == sorted(members), "bundle is out of order")
    rows = [{"path": x, "sha256": sha(y), "size": str(len(y))} for x, y in sorted(members.items())]
    wanted = {"files": rows, "schema": "scalegate/bundle@1"}
    gone = manifest.get("withheld") if isinstance(manifest, dict) else None
    if gone is not None:
        wanted = {"files": rows, "schema": "scalegate/bundle@2", "withheld": gone}
        need(isinstance(gone, list), "manifest does not say what is withheld")
        need(all(len(each) == 2 for each in gone if shape(each, reason=str, sha256=str)), "bad row")
        known = {"left-out", "not-kept", "too-large"}
        need({each["reason"] for each in gone} <= known, "withheld for an unknown reason")
        names = [each["sha256"] for each in gone]
        need(names == sorted(set(names)), "withheld rows are out of order")
    need(manifest == wanted, "manifest is not the list of the bundle's files")
    return members, None if gone is None else set(names)


def listed(held, digest, fields):
    """Return a list of the material, whose names are digests; nothing if it is not there."""
    if digest not in held:
        return {}
    found = canonical(held[digest], "list of the material")
    need(isinstance(found, dict) and set(found) == (fields or set(found)), "not such a list")
    rows = [x for each in found.values() for x in (each if isinstance(each, list) else [each])]
    names = [*rows, *(() if fields else found)]
    need(all(isinstance(x, str) and HEX.fullmatch(x) for x in names), "list names no SHA-256")
    return found


def runs_in(content):
    """Return the digest of the file of runs that a document names, in a set."""
    found = strict(content, "document") if b'"scalegate/horizon-runs@1"' in content else None
    for name in ("payload", "file", "sha256"):
        found = found.get(name) if isinstance(found, dict) else None
    return {found} if isinstance(found, str) and HEX.fullmatch(found) else set()


def check_material(files, decisions, gone):
    """Return how much material is there, and how much is not; what decisions lead to, no more."""
    if gone is None:
        return "none: the bundle is of a log alone"
    held = {path[12:]: body for path, body in files.items() if path.startswith("material/")}
    for digest, body in held.items():
        path = f"material/{digest[:2]}/{digest}"
        need(path in files and sha(body) == digest, "material is not what its name says")
    wanted = set()
    for subjects, predicate in (each for each in decisions if len(each[0]) == 2):
        evidence, policy, tables = subjects[0][1], subjects[1][1], predicate.get("tables")
        policies = listed(held, policy, {"policy", "sets"})
        found = listed(held, evidence, {"history", "logs", "records"})
        documents = {*found.get("history", ()), *found.get("records", ())}
        wanted |= {evidence, policy, *documents, *policies.get("sets", ())}
        wanted |= set(map(policies.get, {"policy"} & set(policies)))
        wanted = wanted.union(*(runs_in(held[each]) for each in documents & set(held)))
        if isinstance(tables, str) and HEX.fullmatch(tables):
            wanted |= {tables, *listed(held, tables, None).values()}
    need(set(held) <= wanted, "material that no decision rests on")
    need(gone <= wanted - set(held), "the manifest withholds what is there, or of no decision")
    there, missing = len(held), len(wanted - set(held))
    return f"{there} files, each by its digest and led to by a decision; {missing} withheld"


def is_signed(algorithm, public, signature, message):
    """Tell whether a signature verifies."""
    load, form, terms = ed25519.Ed25519PublicKey.from_public_bytes, [public], []
    if algorithm == "ecdsa-p256" and len(public) == 65:  # one key has one spelling
        load, form = ec.EllipticCurvePublicKey.from_encoded_point, [ec.SECP256R1(), public]
        terms = [ec.ECDSA(hashes.SHA256())]
    elif algorithm != "ed25519":
        from cryptography.hazmat.primitives.asymmetric import mldsa
        load = mldsa.MLDSA44PublicKey.from_public_bytes
    key = attempt("not a public key", load, *form)
    try:
        return key.verify(signature, message, *terms) is None
    except InvalidSignature:
        return False


def note_key(text):
    """Read a verifier key `name+id+base64`: name, id, kind, raw key."""
    parts = text.strip().split("+", 2)
    material = unbase64(parts[2] if len(parts) == 3 else None, "verifier key")
    sizes = {b"\x01": 33, b"\x04": 33, b"\x06": 1313}
    need(sizes.get(material[:1]) == len(material), "verifier key of a wrong kind or length")
    name = parts[0]
    need(name and not any(c.isspace() or ord(c) < 32 for c in name), "bad key name")
    own = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    need(own.hex() == parts[1], "verifier key has another id")
    return name, own, material[0], material[1:]


def parse_envelope(content):
    """Return payload, payload type and signatures."""
    found = strict(content, "envelope")
    payload, kind, rows = shape(found, payload=str, payloadType=str, signatures=list)
    need(len(found) == 3 and 0 < len(rows) <= 64 and kind == PAYLOAD_TYPE, "odd envelope")
    signatures = []
    for each in rows:
        good = isinstance(each, dict) and "sig" in each and set(each) <= {"keyid", "sig"}
        need(good and isinstance(each.get("keyid", ""), str), "bad signature in envelope")
        signatures.append((each.get("keyid", ""), unbase64(each["sig"], "signature", lenient=True)))
    return unbase64(payload, "payload", lenient=True), kind, signatures


def signers(envelope, keys):
    """Return the ids of the keys that signed, counted by their bytes; hints are not believed."""
    payload, kind, signatures = envelope
    message = b"DSSEv1 %d %b %d %b" % (len(kind.encode()), kind.encode(), len(payload), payload)
    found = set()
    for hint, signature in signatures:
        for key_id in [hint] if hint in keys else list(keys):
            algorithm, public, _ = keys[key_id]
            if key_id not in found and is_signed(algorithm, public, signature, message):
                found.add(key_id)
                break
    return found


def parse_statement(payload):
    """Return predicate type, subjects and predicate; unknown fields are kept and ignored."""
    found = canonical(payload, "statement")
    kinds = {"predicateType": str, "predicate": dict, "subject": list, "_type": str}
    kind, predicate, rows, form = shape(found, **kinds)
    need(form == TYPE and kind, "not an in-toto statement, or without a predicate type")
    if kind.startswith(OURS):
        kinds = (dict, list, str, bool, type(None))
        need(all(isinstance(x, kinds) for x, _ in every(predicate)), "a signed number is no text")
    need(0 < len(rows) <= 256, "statement needs 1 to 256 subjects")
    subjects = []
    for each in rows:
        value = shape(*shape(each, digest=dict), sha256=str)[0]
        name = each.get("name", "")
        need(HEX.fullmatch(value) and isinstance(name, str), "subject has no SHA-256 digest")
        subjects.append([name, value])
    return kind, subjects, predicate


def are_texts(found):
    """Tell whether it is a list of texts."""
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def parse_witnesses(text):
    """Read a C2SP tlog-policy file: cosignature keys by name, groups, the quorum, log keys."""
    witnesses, groups, logs, members, quorum = {}, [], [], set(), None
    lines = text.split("\n")
    good = len(lines) <= 1000 and all(ord(c) >= 32 or c in "\t\n" for c in text)
    need(good, "witness policy is too long, or has a control character")
    for line in lines:
        seen = {key[3] for key in [*logs, *witnesses.values()]}
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        known = {"none", *witnesses, *(name for name, _, _ in groups)}
        if words[0] == "log" and len(words) in (2, 3):
            key = note_key(words[1])
            need(key[3] not in seen, "one public key stands twice")
            logs.append(key)
        elif words[0] == "witness" and len(words) in (3, 4):
            key = note_key(words[2])
            need(key[3] not in seen and key[2] != 1 and words[1] not in known, "bad witness")
            witnesses[words[1]] = key
        elif words[0] == "group" and len(words) >= 4:
            below = words[3:]
            need(all(each in known - {"none"} for each in below), "group: unknown member")
            need(len(set(below)) == len(below) and not members & set(below), "member of two groups")
            members |= set(below)
            fixed = {"any": "1", "all": str(len(below))}.get(words[2], words[2])
            good = re.fullmatch("[0-9]{1,5}", fixed, re.ASCII) and words[1] not in known
            need(good and 1 <= int(fixed) <= len(below), "bad group")
            groups.append((words[1], int(fixed), below))
        else:
            good = words[0] == "quorum" and len(words) == 2 and quorum is None
            need(good and words[1] in known, "witness policy: bad line, or unknown quorum")
            quorum = words[1]
    need(quorum is not None, "witness policy has no quorum line")
    return witnesses, groups, quorum, logs


def parse_trust(payload):
    """Read a trust document; nothing about it is verified."""
    kind, _, said = parse_statement(payload)
    need(WORDS.get(kind) == "trust", "not a trust document")
    kinds = {"expires": str, "keys": list, "log": list, "roles": dict, "witnesses": str}
    expires, keys, logs, roles, witnesses = shape(said, **kinds)
    good = "previous" in said and are_texts(logs) and logs and keys
    need(good, "no key, no log key, or no version before")
    by_id = {}
    for each in keys:
        algorithm, owner, public = shape(each, algorithm=str, owner=str, public=str)
        need(algorithm in ("ed25519", "ml-dsa-44", "ecdsa-p256"), "unknown algorithm")
        public = unbase64(public, "public key")
        by_id[sha(algorithm.encode() + b":" + public)] = (algorithm, public, owner)
    filled = {}
    for name, each in roles.items():
        ids, signs, least = shape(each, keys=list, signs=list, threshold=str)
        good = are_texts(ids) and set(ids) <= set(by_id) and len(set(ids)) == len(ids)
        need(good and 1 <= decimal(least, "threshold") <= len(ids), "role: bad key or threshold")
        need(are_texts(signs) and signs and set(signs) <= PREDICATES, "role signs nothing we know")
        filled[name] = (int(least), ids, set(signs))
    need("trust" in filled.get("root", [()] * 3)[2], "no role may change the trust document")
    log_keys, watch = [note_key(each) for each in logs], parse_witnesses(witnesses)
    need(len({name for name, _, _, _ in log_keys}) == 1, "log keys have several names")
    raw = [x[1] for x in by_id.values()] + [x[3] for x in [*log_keys, *watch[0].values()]]
    good = len(set(raw)) == len(raw) and len(by_id) == len(keys)
    need(good, "one key stands twice, or is two of: a role's, the log's, a witness's")
    found = {"expires": moment(expires), "version": decimal(said.get("version"), "version")}
    found |= {"previous": said["previous"], "roles": filled, "keys": by_id}
    return found | {"log": log_keys, "witnesses": watch, "digest": sha(payload)}


def by_role(envelope, trust, name):
    """Return the keys that signed, if a role's threshold is met, else nothing."""
    threshold, ids, _ = trust["roles"][name]
    found = signers(envelope, {key: trust["keys"][key] for key in ids})
    return found if len(found) >= threshold else None


def rotate(before, content):
    """Return the first trust document, or the next one, signed by the root keys of both."""
    envelope = parse_envelope(content)
    good = before is None or by_role(envelope, before, "root")
    need(good, "trust document is not signed by the root keys before")
    found = parse_trust(envelope[0])
    if before is not None:
        need(found["version"] == before["version"] + 1, "not the next trust document")
        need(found["previous"] == before["digest"], "trust document follows another")
    need(by_role(envelope, found, "root"), "trust document is not signed by its own root keys")
    return found


def vouch(trust, content):
    """Return the role and keys that vouch for an envelope, and its predicate."""
    envelope = parse_envelope(content)
    need(signers(envelope, trust["keys"]), "too few trusted signatures")
    kind, subjects, predicate = parse_statement(envelope[0])
    word = WORDS.get(kind)
    signed = "gate-decision" if word == "summary" else word
    for name, (threshold, _, signs) in trust["roles"].items():
        found = by_role(envelope, trust, name) if signed in signs else None
        if found:
            return name, found, threshold, word, subjects, predicate
    raise Refused("too few keys of a role that may sign this")


def parse_checkpoint(content):
    """Return origin, size, root, the signed text and the signature lines."""
    need(len(content) <= 1 << 20, "checkpoint is too large")
    whole = attempt("checkpoint is not UTF-8", content.decode)
    at, good = whole.rfind("\n\n"), all(ord(c) >= 32 or c == "\n" for c in whole)
    need(good and at >= 0 and whole.endswith("\n"), "control character, or no signatures")
    text, block = whole[: at + 1], whole[at + 2 : -1].split("\n")
    need(len(block) <= 100, "checkpoint has too many signatures")
    signatures = []
    for line in block:
        parts = re.fullmatch(r"\u2014 ([^+\s]+) ([^ ]*)", line)
        need(parts, "bad signature line")
        name, material = parts[1], unbase64(parts[2], "signature line")
        need(len(material) >= 5, "signature line is too short")
        signatures.append((name, material[:4], material[4:]))
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "checkpoint is not origin, size and root")
    size, root = decimal(lines[1], "tree size"), unbase64(lines[2], "root hash")
    need(len(root) == 32 and (size > 0 or root == EMPTY), "bad root hash")
    return lines[0], size, root, text, signatures


def signed_by(checkpoint, keys):
    """Return raw key, name and time of every signature by these keys; a bad one refuses all."""
    origin, size, root, text, signatures = checkpoint
    known = {(name, key_id): (kind, public) for name, key_id, kind, public in keys}
    found = {}
    for name, key_id, signature in (each for each in signatures if each[:2] in known):
        (kind, public), time = known[name, key_id], signature[:8]
        if kind == 1:
            time, message = b"", text.encode()
        elif kind == 4:
            message = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}".encode()
        else:
            names = [each.encode() for each in (name, origin)]
            need(all(0 < len(each) < 256 for each in names), "name is too long to cosign")
            names = [bytes([len(each)]) + each for each in names]
            message = b"subtree/v1\n\x00" + names[0] + time + names[1]
            message += bytes(8) + size.to_bytes(8, "big") + root
        need(kind == 1 or len(time) == 8 and time[0] < 128, "cosignature has no possible time")
        good = is_signed("ml" if kind == 6 else "ed25519", public, signature[len(time) :], message)
        need(good, "signature of a checkpoint does not verify")
        found[public] = (name, int.from_bytes(time, "big"))
    return found


def check_checkpoint(content, keys):
    """Return a checkpoint that a key of its log signed."""
    found = parse_checkpoint(content)
    own = signed_by(found, [key for key in keys if key[0] == found[0]])
    need(own, "no known key of its log signed the checkpoint")
    return found


def check_quorum(checkpoint, policy):
    """Return who cosigned, if the quorum is reached."""
    witnesses, groups, quorum, _ = policy
    found = signed_by(checkpoint, witnesses.values())
    state = {name: key[3] in found for name, key in witnesses.items()}
    for name, least, below in groups:
        state[name] = sum(state[each] for each in below) >= least
    need(quorum == "none" or state[quorum], "witness quorum is not reached")
    return found


def tree_root(hashes):
    """Return the root over leaf hashes (RFC 6962)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(hashes[:left]) + tree_root(hashes[left:])).digest()


def read_leaves(files, size, used):
    """Return the leaves of a log; note the paths that were used."""
    leaves = []
    need(size <= MOST_FILES * WIDTH, "checkpoint is of a log too large for a bundle")
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        path = f"x{index // 1000:03d}/{index % 1000:03d}" if index >= 1000 else f"{index:03d}"
        path = f"tile/entries/{path}" + ("" if width == WIDTH else f".p/{width}")
        need(path in files, f"a file of the log is missing: {path}")
        used.add(path)
        at, end = 0, len(leaves) + width
        while at < len(files[path]):
            start, at = at + 2, at + 2 + int.from_bytes(files[path][at : at + 2], "big")
            need(start <= len(files[path]) >= at, "entry bundle is cut off")
            leaves.append(files[path][start:at])
        need(len(leaves) == end, "entry bundle has another count")
    return leaves


def parse_leaf(content):
    """Return envelope digest, predicate type, subjects and key ids."""
    found = canonical(content, "leaf")
    kinds = {"envelope": str, "keys": list, "schema": str, "subjects": list, "type": str}
    digest, keys, schema, rows, _ = shape(found, **kinds)
    need(len(found) == 5 and schema == "scalegate/leaf@1", "not a leaf of ours")
    good = all(are_texts(each) and len(each) == 2 for each in rows)
    need(good and HEX.fullmatch(digest) and are_texts(keys), "leaf lacks envelope, keys, subject")
    return found


def check_leaf(leaf, content):
    """Return what an envelope says, unverified, if it is the one that a leaf records."""
    need(sha(content) == leaf["envelope"], "envelope is not the one recorded")
    payload, _, signatures = parse_envelope(content)
    kind, subjects, said = parse_statement(payload)
    own = (kind, subjects, [key_id for key_id, _ in signatures])
    need(own == (leaf["type"], leaf["subjects"], leaf["keys"]), "leaf says something else")
    return said


def check_decision(index, predicate, hashes, dated, expires):
    """Return the sentence on a decision, if the log it saw and its own date fit its place."""
    words = shape(predicate, framework=str, gate=str, effect=str, asOf=str, log=dict)
    size, root = shape(words[4], size=str, root=str)
    size = decimal(size, "size of the log seen")
    need(size <= index, f"decision at entry {index} names entries after it")
    need(tree_root(hashes[:size]).hex() == root, f"decision at entry {index} saw another log")
    if predicate.get("decidedAt") is not None:
        at = moment(texts(predicate, "decidedAt")[0])
        good = at < expires and all(at >= each for place, each in dated if place < size)
        need(good, f"decision at entry {index} is dated before one it had seen, or after the trust")
        dated.append((index, at))
    return f"{index}  {words[1]} under {words[0]}: {words[2]}; as of {words[3]}, saw {size} entries"


def check_summary(index, said, decided):
    """Return the sentence on a SLSA summary, if it is of an open decision before it."""
    named, levels = rows(said, "inputAttestations"), rows(said, "verifiedLevels")
    need(len(named) == len(levels) == 1 and are_texts(levels), "summary of not just one decision")
    result, at = texts(said, "verificationResult", "timeVerified")
    envelope = texts(*shape(named[0], digest=dict), "sha256")[0]
    policy = texts(*shape(*shape(said, policy=dict), digest=dict), "sha256")[0]
    need(result == "PASSED" and moment(at) and envelope in decided, "sums up no decision before")
    subjects, decision = decided[envelope]
    if decision is not None:
        gate, ask, then = texts(decision, "gate", "ask", "decidedAt")
        own = decision.get("isOpen") is True and policy == subjects[-1][1]
        own = own and levels == [f"SCALEGATE_{gate}_{ask}".upper()] and moment(at) >= moment(then)
        need(own, "summary of another decision, or dated before it")
    return f"{index}  SLSA summary: {levels[0]}"


def check_waiver(row, said, subject, own):
    """Refuse a waiver that says something else than the decision beside it, or was not in force."""
    start, end, _, at = *texts(own, "from", "until", "reason"), *texts(said, "asOf")
    beside = [row.get(each) for each in ("by", "reason", "until")]
    beside += [subject, said["framework"], said["gate"]]
    same = beside == [own.get(x) for x in ("by", "reason", "until", "about", "framework", "gate")]
    good = same and all(texts(*shape(own, by=dict), "name", "role"))
    need(good and moment(start) <= moment(at) < moment(end), "waiver of another, or not in force")


def check_plan(row, at, index, leaf, own, chain, hashes):
    """Refuse a recorded plan that is not in this log, as it says, before the runs it counts."""
    plan, clock, text, by = texts(row, "plan", "clock", "checkpoint", "recordedAt")
    need([each[1] for each in leaf["subjects"][:1]] == [plan], "entry records another plan")
    lines = dict(texts(each, "clause", "sha256") for each in rows(own or {}, "lines"))
    need(own is None or row.get("lines") == lines, "names other lines than its plan")
    head, times = None, []
    for trust, watch in ((each, each["witnesses"]) for each in reversed(chain)):
        try:
            head = check_checkpoint(text.encode(), trust["log"])
            check_checkpoint(text.encode(), [*trust["log"], *watch[3]])
            times += [check_quorum(head, watch)] if watch[2] != "none" else []
        except Refused:
            continue
    good = head and at < head[1] <= index and tree_root(hashes[: head[1]]) == head[2]
    need(good, "checkpoint of the plan is none of this log with it")
    if clock != "own":
        last = max((time for found in times[:1] for _, time in found.values()), default=1 << 37)
        seen = datetime.fromtimestamp(min(last, 1 << 37), timezone.utc)
        good = clock == "witness" and last < 1 << 37 and f"{seen:%Y-%m-%dT%H:%M:%SZ}" == by
        need(good, "no quorum of witnesses says that the plan was recorded by then")
    starts = [texts(each, "startedAt")[0] for each in shape(row, runs=list)[0]]
    need(all(moment(each) >= moment(by) for each in starts), "run started before its plan")


def rows(said, name):
    """Return a list of an object; an absent one is empty."""
    return shape({name: []} | said if isinstance(said, dict) else said, **{name: list})[0]


def unhex(text):
    """Read lower-case hexadecimal."""
    good = isinstance(text, str) and re.fullmatch("([0-9a-f]{2})*", text)
    return bytes.fromhex(text) if good else need(False, "not hexadecimal")


def parse_withheld(said):
    """Return by name: the digest of a field, or count and root of a list."""
    found = {}
    for kind in ("fields", "items"):
        for row in rows(said, kind):
            name, reason, *more = texts(row, "name", "reason", *KEPT[kind])
            need(reason in REASONS and name not in found, "bad reason, or one name twice")
            found[name] = more[0]
            if kind == "items":
                found[name] = decimal(more[0], "count"), unhex(more[1])
                need(found[name][0] and len(found[name][1]) == 32, "bad commitment to items")
    need(found, "withholds nothing")
    return found


def climb(leaf, index, size, path):
    """Return the root that a leaf hash at an index of a tree leads to (RFC 6962)."""
    need(bool(path) == (size > 1), "inclusion proof is too short, or too long")
    if size == 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    low, step = index < left, path[-1]
    below = climb(leaf, *((index, left) if low else (index - left, size - left)), path[:-1])
    return hashlib.sha256(b"\x01" + (below + step if low else step + below)).digest()


def demanded(index, said, who, kept, hidden, hashes):
    """Return of which entry and list a demand is, and the items drawn; nothing if it is void."""
    of = decimal(texts(said, "entry")[0], "entry")
    if of in hidden:
        return None
    envelope, name, count = texts(said, "envelope", "name", "count")
    size, root = texts(said.get("log"), "size", "root")
    count, size = decimal(count, "count"), decimal(size, "size")
    digest, signed, withheld = kept.get(of, (None, set(), {}))
    total, top = withheld[name] if isinstance(withheld.get(name), tuple) else (0, b"")
    good = digest == envelope and 0 < count <= min(total, 4096) and not signed & who
    if not good or size != index or tree_root(hashes[:size]).hex() != root:
        return None
    seed, found, limit, at = tree_root(hashes[: index + 1]) + top, set(), 1 << 256, 0
    while len(found) < count:
        number = int.from_bytes(hashlib.sha256(seed + at.to_bytes(8, "big")).digest(), "big")
        at += 1
        found |= {number % total} if number < limit - limit % total else set()
    return of, [(name, each) for each in sorted(found)]


def opened(said, kept, hidden, drawn):
    """Return the sentence on a disclosure, if it opens what was committed to."""
    of = decimal(texts(said["opens"], "entry")[0], "entry")
    if of in hidden:
        return f"opens entry {of}, which is not shown: not checked"
    digest, _, withheld = kept.get(of, (None, None, {}))
    need(texts(said["opens"], "envelope") == [digest], "opens what withholds nothing")
    for text in rows(said, "fields"):
        need(isinstance(text, str) and text.isascii(), "disclosure is no base64url")
        own = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        content = unbase64(text + "=" * (-len(text) % 4), "disclosure", lenient=True)
        found = strict(content, "disclosure")
        good = isinstance(found, list) and len(found) == 3 and isinstance(found[1], str)
        need(good and withheld.get(found[1]) == own.rstrip("="), "field was never committed to")
    moved = []
    for kind in ("items", "refused"):
        for row in rows(said, kind):
            name, at, reason_or_salt = texts(row, "name", "index", MORE[kind])
            need(isinstance(withheld.get(name), tuple), "no list of that name is withheld")
            need(decimal(at, "index") < withheld[name][0], "there is no such item")
            moved.append((name, int(at)))
            if kind == "refused":
                need(reason_or_salt in REASONS, "refused without a known reason")
                continue
            salt, item = unhex(reason_or_salt), texts(row, "item")[0].encode()
            need(len(salt) == 16, "salt has a wrong length")
            leaf = hashlib.sha256(b"\x00" + salt + item).digest()
            path, (size, root) = [unhex(each) for each in rows(row, "path")], withheld[name]
            need(climb(leaf, int(at), size, path) == root, "item is not the one committed to")
    if said.get("answers") is not None:
        demand = drawn.get(decimal(texts(said, "answers")[0], "entry of the demand"))
        need(demand == (of, sorted(moved)), "opens other items than the seed draws")
    return f"opens entry {of}: {len(rows(said, 'fields'))} fields, {len(rows(said, 'items'))} items"


def check(content, root, seen, as_of):
    """Return the lines of the argument, or refuse."""
    chain = [rotate(None, root)]
    files, gone = read_bundle(content)
    used = {"checkpoint"} | {each for each in files if gone is not None and each[:9] == "material/"}
    size, top = parse_checkpoint(files.get("checkpoint", b"none"))[1:3]
    raw = read_leaves(files, size, used)
    leaves = [parse_leaf(each) for each in raw]
    paths = [f"statement/{each['envelope'][:2]}/{each['envelope']}" for each in leaves]
    need(set(files) <= used | set(paths), "bundle has a file that is no part of its log")
    hashes = [hashlib.sha256(b"\x00" + each).digest() for each in raw]
    need(tree_root(hashes) == top, "the entries are not the tree that was signed")
    lines, hidden, decisions, decided, partly = [], [], [], {}, []
    kept, drawn, dated, acted, told, gone_by = {}, {}, [], {}, {}, {}
    for index, (leaf, path) in enumerate(zip(leaves, paths)):
        if path not in files:
            hidden.append(index)
            decided |= {leaf["envelope"]: ([], None)} if leaf["type"] == DECISION else {}
            continue
        said = check_leaf(leaf, files[path])
        if leaf["type"] == TRUST and said.get("version") != str(chain[-1]["version"]):
            chain.append(rotate(chain[-1], files[path]))
        role, who, threshold, word, subjects, said = vouch(chain[-1], files[path])
        need(all(acted.setdefault(key, role) == role for key in who), "one key acts in two roles")
        told[index] = said
        gone_by = {x[1]: index for x in subjects} | gone_by if word == "withdrawal" else gone_by
        lines.append(f"{index}  {word}: {role}, {len(who)} keys, {threshold} needed")
        if word == "gate-decision":
            decisions.append(check_decision(index, said, hashes, dated, chain[-1]["expires"]))
            decided[leaf["envelope"]] = (subjects, said)
            for name, kind in (("waivers", "waiver"), ("plans", "evaluation-plan")):
                for row in rows(said, name):
                    at = decimal(texts(row, "entry", "envelope")[0], "entry")
                    named = at < index and [leaves[at][each] for each in ("envelope", "type")]
                    when = gone_by.get(row["envelope"], index) if kind == "waiver" else index
                    good = named == [row["envelope"], f"{OURS}{kind}/v1"]
                    good = good and when >= int(said["log"]["size"])
                    need(good, f"entry {at} is not the {kind} that is named, or was withdrawn")
                    if kind == "evaluation-plan":
                        check_plan(row, at, index, leaves[at], told.get(at), chain, hashes)
                    elif texts(row, "reason", "until") and at in told:
                        check_waiver(row, said, subjects[0][0], told[at])
        if word == "summary":
            decisions.append(check_summary(index, said, decided))
        if word == "evidence" and said.get("withheld") is not None:
            kept[index] = (leaf["envelope"], who, parse_withheld(said["withheld"]))
            partly += [f"{index}  {name}: withheld in part" for name in kept[index][2]]
        if word == "disclosure" and said.get("demands") is not None:
            drawn[index] = demanded(index, said["demands"], who, kept, hidden, hashes)
        if word == "disclosure" and said.get("opens") is not None:
            partly.append(f"{index}  {opened(said, kept, hidden, drawn)}")
    trust = chain[-1]  # those before signed the ones after
    head = check_checkpoint(files["checkpoint"], [*trust["log"], *trust["witnesses"][3]])
    seen_by = check_quorum(head, trust["witnesses"]).values()
    material = check_material(files, decided.values(), gone)
    before = "no checkpoint given with --seen"
    if seen is not None:
        old = check_checkpoint(seen, [key for each in chain for key in each["log"]])
        good = old[1] <= size and tree_root(hashes[: old[1]]) == old[2]
        need(good, "older than what was seen, or another history")
        before = f"all {old[1]} entries that you saw are in it, unchanged"
    at = {name: datetime.fromtimestamp(min(t, 1 << 37), timezone.utc) for name, t in seen_by}
    names = ", ".join(f"{name!r} at {when}" for name, when in at.items()) or "no witness"
    clock = moment(as_of) if as_of else max(at.values(), default=None)
    need(clock is None or clock < trust["expires"], f"trust document has expired by {clock}")
    whose = "the clock you gave" if as_of else "the newest checkpoint's witnesses"
    end = f"has not expired by {clock}, {whose}" if clock else "its end is compared with no clock"
    return [
        f"1. trust: version {trust['version']}, from the first document that you brought; {end}",
        f"2. checkpoint: {head[0]!r}, {size} entries; cosigned by {names}",
        f"3. tree: every hash computed anew; root {head[2].hex()[:16]}",
        f"4. envelopes: {len(lines)} shown, {len(hidden)} withheld: {hidden}",
        *(f"   {each!a}" for each in partly),
        "5. signatures, in the order of the log:",
        *(f"   {each!a}" for each in lines),
        f"6. what you saw before: {before}",
        f"7. decisions and summaries: {len(decisions)}, each behind what it names",
        *(f"   {each!a}" for each in decisions),
        "8. not checked:",
        *(f"   - {each}" for each in NOT_CHECKED),
        f"9. material: {material}; no decision was computed anew",
        "the bundle holds",
    ]


def main(words):
    """Run; return the exit code; wrong usage is 2."""
    parser = argparse.ArgumentParser(description="Check a Scalegate bundle offline.")
    parser.add_argument("bundle")
    parser.add_argument("--root", required=True, help="the first trust document")
    parser.add_argument("--seen", help="a checkpoint kept from before")
    parser.add_argument("--as-of", help="your clock; else that of the checkpoint's witnesses")
    got = parser.parse_args(words)
    try:
        most = {got.bundle: MOST_BUNDLE, got.root: MOST_FILE, got.seen: 1 << 20}
        held = {path: Path(path).open("rb").read(most[path] + 1) for path in most if path}
        need(all(len(held[path]) <= most[path] for path in held), "file is too large")
        lines = check(held[got.bundle], held[got.root], held.get(got.seen), got.as_of)
    except (OSError, Refused) as cause:
        text = f"{'refused' if isinstance(cause, Refused) else 'cannot read'}: {cause!s:.300}"
        print(text.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
        return 12 if isinstance(cause, Refused) else 2
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
