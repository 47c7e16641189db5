"""Check a Scalegate bundle with nothing but Python and `cryptography`.

    python check_bundle.py record.zip --root root.json [--seen checkpoint]

A second implementation: it shares no code with the package `scalegate`, so that one mistake is not
made twice. It prints the same numbered steps. It exits 0 if all hold, 12 if one does not, 2 on wrong
usage. It does not compute decisions anew; its last step lists what it leaves out.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

TYPE = "https://in-toto.io/Statement/v1"
OURS = "https://scalegate.example/predicate/"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATES = {
    "policy", "policy-diff", "evaluation-plan", "evidence", "safeguard-status", "act", "order",
    "incident", "specification", "document", "register-edge", "gate-decision", "waiver", "duty",
    "disclosure", "trust", "permit", "withdrawal",
}
HEX = re.compile(r"[0-9a-f]{64}")
PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
WIDTH = 256
MOST_FILE = 16 << 20
MOST_BUNDLE = 1 << 30
MOST_FILES = 60_000
EMPTY = hashlib.sha256(b"").digest()
NOT_CHECKED = (
    "whether the decisions follow from policy and evidence (not checked here)",
    "that what was recorded is true, or that everything was recorded",
    "times in statements: they are the signers' own",
    "that the trust document has not expired: its date is compared with no clock",
    "that the log shows everybody the same: only witnesses can say so",
)


class Refused(Exception):
    """A step does not hold."""


def need(holds, why):
    """Refuse unless it holds."""
    if not holds:
        raise Refused(why)


def sha(content):
    """Return a digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


# --- JSON with one meaning ------------------------------------------------------------------------


def once(pairs):
    """Refuse an object with a key twice."""
    need(len({name for name, _ in pairs}) == len(pairs), "JSON has a key twice")
    return dict(pairs)


def no_constant(text):
    """Refuse NaN and infinities."""
    raise Refused(f"JSON has {text}")


def depth(value, left=64):
    """Refuse what is nested too deep."""
    need(left > 0, "JSON is too deep")
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        depth(each, left - 1)


def strict(content, what):
    """Read JSON: no key twice, no NaN, bounded."""
    need(len(content) <= MOST_FILE, f"{what} is too large")
    try:
        found = json.loads(content, object_pairs_hook=once, parse_constant=no_constant)
    except (ValueError, RecursionError) as cause:
        raise Refused(f"{what} is not JSON") from cause
    depth(found)
    return found


def write(value):
    """Write JSON in its canonical form (RFC 8785); of numbers, only safe integers."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        need(abs(value) < 1 << 53, "a number is beyond what every language reads alike")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    need(isinstance(value, dict), "a number is no integer: this verifier does not write it")
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{write(name)}:{write(value[name])}" for name in names) + "}"


def canonical(content, what):
    """Read JSON that must be its own canonical form."""
    found = strict(content, what)
    try:
        own = write(found).encode()
    except UnicodeEncodeError as cause:
        raise Refused(f"{what} has a lone surrogate") from cause
    need(own == content, f"{what} is not in canonical form")
    return found


def unbase64(text, what, lenient=False):
    """Decode base64; unless lenient, in its one form."""
    need(isinstance(text, str) and text.isascii(), f"{what} is not base64")
    if lenient:
        text = text.replace("-", "+").replace("_", "/")
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise Refused(f"{what} is not base64") from cause
    need(lenient or base64.b64encode(found).decode() == text, f"{what} is not canonical base64")
    return found


def decimal(text, what):
    """Read a decimal without leading zeroes, below 2**63."""
    good = isinstance(text, str) and re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII)
    need(good and int(text) < 1 << 63, f"bad {what}")
    return int(text)


# --- The file -------------------------------------------------------------------------------------


class Cursor:
    """Reads a file from front to back, and expects exact bytes."""

    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, count):
        """Return the next bytes."""
        end = self.at + count
        need(end <= len(self.content), "bundle is cut off")
        found, self.at = self.content[self.at : end], end
        return found

    def expect(self, wanted, why):
        """Refuse unless these bytes come next."""
        need(self.take(len(wanted)) == wanted, why)


def central(path, body, at):
    """Return the directory entry that a member must have."""
    size, crc = len(body), zlib.crc32(body)
    made = (b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0x21, crc, size, size, len(path), 0, 0, 0, 0)
    fixed = struct.pack("<4sBBHHHHHIIIHHHHHII", *made, 0o100644 << 16, at)
    return fixed + path


def unzip(content):
    """Return the members of a bundle in order: an uncompressed zip with one form."""
    cursor, members, directory = Cursor(content), {}, []
    while content[cursor.at : cursor.at + 4] == b"PK\x03\x04":
        at = cursor.at
        head = struct.unpack("<4sHHHHHIIIHH", cursor.take(30))
        need(head[3] == 0 and head[7] == head[8], "bundle has a compressed file")
        need(head[1:6] == (20, 0, 0, 0, 0x21) and head[10] == 0, "bundle is not in its one form")
        need(head[8] <= MOST_FILE and len(members) <= MOST_FILES, "bundle is too large")
        path = cursor.take(head[9])
        name = path.decode("ascii", "replace")
        need(PATH.fullmatch(name), f"bundle has a path that could leave it: {name[:80]!r}")
        need(name not in members, f"bundle has a path twice: {name[:80]!r}")
        body = cursor.take(head[8])
        need(zlib.crc32(body) == head[6], f"bundle has a damaged file: {name[:80]!r}")
        members[name] = body
        directory.append(central(path, body, at))
    start = cursor.at
    for each in directory:
        cursor.expect(each, "directory of the bundle is not that of its files (a link, or other)")
    size, count = cursor.at - start, len(directory)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)
    cursor.expect(end, "bundle does not end as it should")
    need(cursor.at == len(content), "bundle has something behind its end")
    return members


def read_bundle(content):
    """Return the files of a bundle, compared with its manifest, and what it says is withheld."""
    members = unzip(content)
    names = list(members)
    manifest = canonical(members.pop("manifest.json", b""), "manifest of the bundle")
    need(names[0] == "manifest.json" and names[1:] == sorted(members), "bundle is out of order")
    rows = [
        {"path": path, "sha256": sha(body), "size": str(len(body))}
        for path, body in sorted(members.items())
    ]
    wanted = {"files": rows, "schema": "scalegate/bundle@1"}
    gone = manifest.get("withheld") if isinstance(manifest, dict) else None
    if gone is not None:
        wanted = {"files": rows, "schema": "scalegate/bundle@2", "withheld": gone}
        need(isinstance(gone, list), "manifest does not say what is withheld")
        for each in gone:
            need(isinstance(each, dict) and set(each) == {"reason", "sha256"}, "bad withheld row")
            need(each["reason"] in ("left-out", "not-kept", "too-large"), "unknown reason")
            need(isinstance(each["sha256"], str), "bad withheld row")
        names = [each["sha256"] for each in gone]
        need(names == sorted(set(names)), "withheld rows are out of order")
    need(manifest == wanted, "manifest is not the list of the bundle's files")
    return members, None if gone is None else set(names)


# --- Material: what decisions were computed from --------------------------------------------------


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
    """Return how much material is there and how much is not: what the decisions lead to, no more."""
    held = {path[12:]: body for path, body in files.items() if path.startswith("material/")}
    for digest, body in held.items():
        there = f"material/{digest[:2]}/{digest}" in files
        need(there and sha(body) == digest, "material is not what its name says")
    wanted = set()
    for subjects, predicate in decisions:
        if len(subjects) != 2:
            continue
        evidence, policy, tables = subjects[0][1], subjects[1][1], predicate.get("tables")
        policies = listed(held, policy, {"policy", "sets"})
        found = listed(held, evidence, {"history", "logs", "records"})
        documents = {*found.get("history", ()), *found.get("records", ())}
        wanted |= {evidence, policy, *documents, *policies.get("sets", ())}
        wanted |= {policies["policy"]} if policies else set()
        wanted = wanted.union(*(runs_in(held[each]) for each in documents & set(held)))
        if isinstance(tables, str) and HEX.fullmatch(tables):
            wanted |= {tables, *listed(held, tables, None).values()}
    need(set(held) <= wanted, "material that no decision rests on")
    need(gone <= wanted - set(held), "the manifest withholds what is there, or of no decision")
    return len(held), len(wanted - set(held))


# --- Keys and signatures --------------------------------------------------------------------------


def is_signed(algorithm, public, signature, message):
    """Tell whether a signature verifies."""
    try:
        if algorithm == "ed25519":
            key = ed25519.Ed25519PublicKey.from_public_bytes(public)
        else:
            from cryptography.hazmat.primitives.asymmetric import mldsa

            key = mldsa.MLDSA44PublicKey.from_public_bytes(public)
    except ValueError as cause:
        raise Refused("not a public key") from cause
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def note_key(text):
    """Read a verifier key `name+id+base64`: name, id, kind, raw key."""
    parts = text.strip().split("+", 2)
    need(len(parts) == 3, "not a verifier key")
    material = unbase64(parts[2], "verifier key")
    need(material[:1] in (b"\x01", b"\x04", b"\x06"), "verifier key of an unknown kind")
    size = 1312 if material[0] == 6 else 32
    need(len(material) == 1 + size, "verifier key has a wrong length")
    name = parts[0]
    need(name and not any(c.isspace() or ord(c) < 32 for c in name), "bad key name")
    own = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    need(own.hex() == parts[1], "verifier key has another id")
    return name, own, material[0], material[1:]


def parse_envelope(content):
    """Return payload, payload type and signatures."""
    found = strict(content, "envelope")
    fields = {"payload", "payloadType", "signatures"}
    need(isinstance(found, dict) and set(found) == fields, "not an envelope")
    rows, kind = found["signatures"], found["payloadType"]
    need(isinstance(rows, list) and 0 < len(rows) <= 64, "envelope needs 1 to 64 signatures")
    need(isinstance(kind, str) and kind, "envelope has no payload type")
    signatures = []
    for each in rows:
        good = isinstance(each, dict) and "sig" in each and set(each) <= {"keyid", "sig"}
        need(good and isinstance(each.get("keyid", ""), str), "bad signature in envelope")
        signatures.append((each.get("keyid", ""), unbase64(each["sig"], "signature", lenient=True)))
    return unbase64(found["payload"], "payload", lenient=True), kind, signatures


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


def no_numbers(value):
    """Refuse a number in a predicate of ours."""
    need(isinstance(value, (dict, list, str, bool)) or value is None, "a signed number is no text")
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        no_numbers(each)


def parse_statement(payload):
    """Return predicate type, subjects and predicate; unknown fields are kept and ignored."""
    found = canonical(payload, "statement")
    need(isinstance(found, dict) and found.get("_type") == TYPE, "not an in-toto statement")
    kind, predicate, rows = (found.get(each) for each in ("predicateType", "predicate", "subject"))
    need(isinstance(kind, str) and kind, "statement has no predicate type")
    need(isinstance(predicate, dict), "predicate is no object")
    if kind.startswith(OURS):
        no_numbers(predicate)
    need(isinstance(rows, list) and 0 < len(rows) <= 256, "statement needs 1 to 256 subjects")
    subjects = []
    for each in rows:
        digest = each.get("digest") if isinstance(each, dict) else None
        value = digest.get("sha256") if isinstance(digest, dict) else None
        name = each.get("name", "") if isinstance(each, dict) else None
        good = isinstance(value, str) and HEX.fullmatch(value) and isinstance(name, str)
        need(good, "subject has no SHA-256 digest")
        subjects.append([name, value])
    return kind, subjects, predicate


def word_of(kind):
    """Return which predicate of ours a type is, or nothing."""
    word = kind[len(OURS) : -3] if kind.startswith(OURS) and kind.endswith("/v1") else None
    return word if word in PREDICATES else None


# --- Trust ----------------------------------------------------------------------------------------


def parse_keys(rows):
    """Return the keys of a trust document by id: algorithm, raw key, owner."""
    need(isinstance(rows, list) and rows, "trust document has no keys")
    keys, seen = {}, set()
    for each in rows:
        need(isinstance(each, dict) and {"algorithm", "owner", "public"} <= set(each), "bad key")
        algorithm, owner = each["algorithm"], each["owner"]
        need(algorithm in ("ed25519", "ml-dsa-44"), "unknown algorithm")
        need(isinstance(owner, str), "owner of a key is no text")
        public = unbase64(each["public"], "public key")
        need(public not in seen, "one public key stands twice")
        seen.add(public)
        keys[sha(algorithm.encode() + b":" + public)] = (algorithm, public, owner)
    return keys


def parse_roles(found, keys):
    """Return the roles by name: threshold, key ids, predicates."""
    need(isinstance(found, dict), "`roles` is no object")
    roles = {}
    for name, each in found.items():
        need(isinstance(each, dict) and {"keys", "signs", "threshold"} <= set(each), "bad role")
        ids, signs, threshold = each["keys"], each["signs"], decimal(each["threshold"], "threshold")
        need(isinstance(ids, list) and all(isinstance(key, str) for key in ids), "bad role")
        need(all(key in keys for key in ids) and len(set(ids)) == len(ids), "role: bad key")
        need(1 <= threshold <= len(ids), "bad threshold")
        need(isinstance(signs, list) and signs, "role signs nothing")
        need(all(isinstance(s, str) and s in PREDICATES for s in signs), "unknown predicate")
        roles[name] = (threshold, ids, set(signs))
    need("root" in roles and "trust" in roles["root"][2], "no role may change the trust document")
    return roles


def parse_witnesses(text):
    """Read a C2SP tlog-policy file: cosignature keys by name, groups, the quorum, log keys."""
    need(isinstance(text, str), "witness policy is no text")
    witnesses, groups, logs, seen, members, quorum = {}, [], [], set(), set(), None
    lines = text.split("\n")
    need(len(lines) <= 1000, "witness policy is too long")
    need(all(ord(c) >= 32 or c in "\t\n" for c in text), "witness policy: control character")
    for line in lines:
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        known = {"none", *witnesses, *(name for name, _, _ in groups)}
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(note_key(words[1]))
            need(logs[-1][3] not in seen, "one public key stands twice")
            seen.add(logs[-1][3])
        elif words[0] == "witness" and len(words) in (3, 4):
            key = note_key(words[2])
            need(key[3] not in seen and key[2] != 1 and words[1] not in known, "bad witness")
            seen.add(key[3])
            witnesses[words[1]] = key
        elif words[0] == "group" and len(words) >= 4:
            below = words[3:]
            need(all(each in known - {"none"} for each in below), "group: unknown member")
            need(len(set(below)) == len(below) and not members & set(below), "member of two groups")
            members |= set(below)
            fixed = {"any": "1", "all": str(len(below))}.get(words[2], words[2])
            need(re.fullmatch("[0-9]{1,5}", fixed, re.ASCII), "bad group threshold")
            need(1 <= int(fixed) <= len(below) and words[1] not in known, "bad group")
            groups.append((words[1], int(fixed), below))
        else:
            good = words[0] == "quorum" and len(words) == 2 and quorum is None
            need(good, "witness policy: bad line")
            need(words[1] in known, "unknown quorum")
            quorum = words[1]
    need(quorum is not None, "witness policy has no quorum line")
    return witnesses, groups, quorum, logs


def parse_trust(payload):
    """Read a trust document; nothing about it is verified."""
    kind, _, said = parse_statement(payload)
    need(word_of(kind) == "trust", "not a trust document")
    fields = {"expires", "keys", "log", "previous", "roles", "version", "witnesses"}
    need(fields <= set(said), "trust document lacks a field")
    keys = parse_keys(said["keys"])
    logs = said["log"]
    need(isinstance(logs, list) and logs and all(isinstance(x, str) for x in logs), "no log key")
    log_keys = [note_key(each) for each in logs]
    need(len({name for name, _, _, _ in log_keys}) == 1, "log keys have several names")
    try:
        datetime.fromisoformat(said["expires"].replace("Z", "+00:00"))
    except (AttributeError, ValueError) as cause:
        raise Refused("`expires` is no instant") from cause
    return {
        "version": decimal(said["version"], "version"),
        "previous": said["previous"],
        "keys": keys,
        "roles": parse_roles(said["roles"], keys),
        "log": log_keys,
        "witnesses": parse_witnesses(said["witnesses"]),
        "digest": sha(payload),
    }


def by_role(envelope, trust, name):
    """Return the keys that signed, if a role's threshold is met, else nothing."""
    threshold, ids, _ = trust["roles"][name]
    found = signers(envelope, {key: trust["keys"][key] for key in ids})
    return found if len(found) >= threshold else None


def start_trust(content):
    """Return the first trust document, signed by its own role `root`."""
    envelope = parse_envelope(content)
    need(envelope[1] == PAYLOAD_TYPE, "envelope of another payload type")
    trust = parse_trust(envelope[0])
    need(by_role(envelope, trust, "root"), "trust document is not signed by its root keys")
    return trust


def rotate(trust, content):
    """Return the next trust document, signed by the root keys of both versions."""
    envelope = parse_envelope(content)
    need(envelope[1] == PAYLOAD_TYPE, "envelope of another payload type")
    need(by_role(envelope, trust, "root"), "trust document is not signed by the root keys before")
    found = parse_trust(envelope[0])
    need(found["version"] == trust["version"] + 1, "not the next trust document")
    need(found["previous"] == trust["digest"], "trust document follows another")
    need(by_role(envelope, found, "root"), "trust document is not signed by its own root keys")
    return found


def vouch(trust, content):
    """Return the role and keys that vouch for an envelope, and its predicate."""
    envelope = parse_envelope(content)
    need(envelope[1] == PAYLOAD_TYPE, "envelope of another payload type")
    need(signers(envelope, trust["keys"]), "too few trusted signatures")
    kind, subjects, predicate = parse_statement(envelope[0])
    word = word_of(kind)
    roles = [name for name, (_, _, signs) in trust["roles"].items() if word in signs]
    need(roles, "no role may sign this")
    for name in roles:
        found = by_role(envelope, trust, name)
        if found:
            return name, len(found), trust["roles"][name][0], word, subjects, predicate
    raise Refused("too few keys of the role signed")


# --- Checkpoint and tree --------------------------------------------------------------------------


def parse_checkpoint(content):
    """Return origin, size, root, the signed text and the signature lines."""
    need(len(content) <= 1 << 20, "checkpoint is too large")
    try:
        whole = content.decode()
    except UnicodeDecodeError as cause:
        raise Refused("checkpoint is not UTF-8") from cause
    need(all(ord(c) >= 32 or c == "\n" for c in whole), "checkpoint has a control character")
    at = whole.rfind("\n\n")
    need(at >= 0 and whole.endswith("\n"), "checkpoint has no signatures")
    text, block = whole[: at + 1], whole[at + 2 : -1].split("\n")
    need(len(block) <= 100, "checkpoint has too many signatures")
    signatures = []
    for line in block:
        parts = line.removeprefix("\u2014 ").split(" ")
        need(line.startswith("\u2014 ") and len(parts) == 2, "bad signature line")
        name = parts[0]
        need(name and "+" not in name and not any(c.isspace() for c in name), "bad key name")
        material = unbase64(parts[1], "signature line")
        need(len(material) >= 5, "signature line is too short")
        signatures.append((name, material[:4], material[4:]))
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "checkpoint is not origin, size and root")
    size, root = decimal(lines[1], "tree size"), unbase64(lines[2], "root hash")
    need(len(root) == 32 and (size > 0 or root == EMPTY), "bad root hash")
    return lines[0], size, root, text, signatures


def short(text):
    """Write a name with its length before it."""
    need(0 < len(text.encode()) < 256, "name is too long to cosign")
    return bytes([len(text.encode())]) + text.encode()


def cosigned(checkpoint, keys):
    """Return raw key and time of every cosignature by these keys; a bad one refuses all."""
    origin, size, root, text, signatures = checkpoint
    known = {(name, key_id): (kind, public) for name, key_id, kind, public in keys if kind != 1}
    found = {}
    for name, key_id, signature in signatures:
        if (name, key_id) not in known:
            continue
        kind, public = known[name, key_id]
        need(len(signature) >= 8, "cosignature has no time")
        time = signature[:8]
        need(time[0] < 128, "cosignature has an impossible time")
        if kind == 4:
            message = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}".encode()
        else:
            message = b"subtree/v1\n\x00" + short(name) + time + short(origin)
            message += bytes(8) + size.to_bytes(8, "big") + root
        algorithm = "ed25519" if kind == 4 else "ml-dsa-44"
        need(is_signed(algorithm, public, signature[8:], message), "cosignature does not verify")
        found[public] = (name, int.from_bytes(time, "big"))
    return found


def check_checkpoint(content, keys):
    """Return a checkpoint that a key of its log signed."""
    found = parse_checkpoint(content)
    own = [key for key in keys if key[0] == found[0]]
    need(own, "checkpoint is of an unknown log")
    by_time = cosigned(found, own)
    plain = {(name, key_id): public for name, key_id, kind, public in own if kind == 1}
    lines = [each for each in found[4] if each[:2] in plain]
    for name, key_id, signature in lines:
        good = is_signed("ed25519", plain[name, key_id], signature, found[3].encode())
        need(good, "signature of the log does not verify")
    need(lines or by_time, "no known key signed the checkpoint")
    return found


def check_quorum(checkpoint, policy):
    """Return who cosigned, if the quorum is reached."""
    witnesses, groups, quorum, _ = policy
    found = cosigned(checkpoint, witnesses.values())
    state = {name: key[3] in found for name, key in witnesses.items()}
    for name, least, below in groups:
        state[name] = sum(state[each] for each in below) >= least
    need(quorum == "none" or state[quorum], "witness quorum is not reached")
    return found


def tree_root(hashes):
    """Return the root over leaf hashes (RFC 6962)."""
    if not hashes:
        return EMPTY
    row = list(hashes)
    while len(row) > 1:  # a last one without a neighbour moves up as it is
        pairs = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(row[::2], row[1::2])]
        row = pairs + ([row[-1]] if len(row) % 2 else [])
    return row[0]


def tile_path(index, width):
    """Return where an entry bundle lies."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "tile/entries/" + "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def read_leaves(files, size, used):
    """Return the leaves of a log; note the paths that were used."""
    leaves = []
    need(size <= MOST_FILES * WIDTH, "checkpoint is of a log too large for a bundle")
    for index in range(-(-size // WIDTH)):
        path = tile_path(index, min(WIDTH, size - index * WIDTH))
        need(path in files, f"a file of the log is missing: {path}")
        used.add(path)
        cursor, found = Cursor(files[path]), []
        while cursor.at < len(cursor.content):
            found.append(cursor.take(int.from_bytes(cursor.take(2), "big")))
        need(len(found) == min(WIDTH, size - index * WIDTH), "entry bundle has another count")
        leaves.extend(found)
    return leaves


def parse_leaf(content):
    """Return envelope digest, predicate type, subjects and key ids."""
    found = canonical(content, "leaf")
    fields = {"envelope", "keys", "schema", "subjects", "type"}
    need(isinstance(found, dict) and set(found) == fields, "not a leaf of ours")
    need(found["schema"] == "scalegate/leaf@1", "not a leaf of ours")
    digest, keys, rows = found["envelope"], found["keys"], found["subjects"]
    need(isinstance(digest, str) and HEX.fullmatch(digest), "leaf names no envelope")
    texts = isinstance(keys, list) and all(isinstance(each, str) for each in keys)
    need(texts and isinstance(found["type"], str), "leaf has a field of a wrong kind")
    need(isinstance(rows, list), "leaf has no subjects")
    for each in rows:
        good = isinstance(each, list) and len(each) == 2 and all(isinstance(x, str) for x in each)
        need(good, "leaf has no subjects")
    return found


def check_leaf(leaf, content):
    """Refuse an envelope that is not the one that a leaf records."""
    need(sha(content) == leaf["envelope"], "envelope is not the one recorded")
    payload, _, signatures = parse_envelope(content)
    kind, subjects, _ = parse_statement(payload)
    own = (kind, subjects, [key_id for key_id, _ in signatures])
    need(own == (leaf["type"], leaf["subjects"], leaf["keys"]), "leaf says something else")


def check_decision(index, predicate, hashes):
    """Return the sentence on a decision, if the log it saw is a beginning of this one."""
    log = predicate.get("log")
    log = log if isinstance(log, dict) else {}
    size, where = decimal(log.get("size"), "size of the log seen"), f"decision at entry {index}"
    need(isinstance(log.get("root"), str), f"{where} lacks the log it saw")
    need(size <= index, f"{where} names entries that come after it")
    need(tree_root(hashes[:size]).hex() == log["root"], f"{where} saw another log")
    words = [predicate.get(each) for each in ("framework", "gate", "effect", "asOf")]
    need(all(isinstance(each, str) for each in words), f"{where} lacks a field")
    return f"{index}  {words[1]} under {words[0]}: {words[2]}; as of {words[3]}, saw {size} entries"


# --- The argument ---------------------------------------------------------------------------------


def is_next(trust, payload):
    """Tell whether a statement is a trust document of another version than the one in force."""
    kind, _, said = parse_statement(payload)
    return word_of(kind) == "trust" and said.get("version") != str(trust["version"])


def newest_trust(trust, leaves, files):
    """Follow the trust documents in the log; those that do not follow are reported later."""
    for leaf in leaves:
        content = files.get(f"statement/{leaf['envelope'][:2]}/{leaf['envelope']}")
        if content is None or leaf["type"] != OURS + "trust/v1":
            continue
        try:
            check_leaf(leaf, content)
            if is_next(trust, parse_envelope(content)[0]):
                trust = rotate(trust, content)
        except Refused:
            continue
    return trust


def check(content, root, seen):
    """Return the lines of the argument, or refuse."""
    first = start_trust(root)
    files, gone = read_bundle(content)
    used = {"checkpoint"} | {each for each in files if gone is not None and each[:9] == "material/"}
    need("checkpoint" in files, "bundle has no checkpoint")
    size = parse_checkpoint(files["checkpoint"])[1]
    raw = read_leaves(files, size, used)
    leaves = [parse_leaf(each) for each in raw]
    paths = [f"statement/{each['envelope'][:2]}/{each['envelope']}" for each in leaves]
    need(set(files) <= used | set(paths), "bundle has a file that is no part of its log")
    trust = newest_trust(first, leaves, files)
    head = check_checkpoint(files["checkpoint"], [*trust["log"], *trust["witnesses"][3]])
    witnesses = check_quorum(head, trust["witnesses"])
    hashes = [hashlib.sha256(b"\x00" + each).digest() for each in raw]
    need(tree_root(hashes) == head[2], "the entries are not the tree that was signed")
    chain, rows, hidden, decisions, decided = first, [], [], [], []
    for index, (leaf, path) in enumerate(zip(leaves, paths)):
        if path not in files:
            hidden.append(index)
            continue
        check_leaf(leaf, files[path])
        if is_next(chain, parse_envelope(files[path])[0]):
            chain = rotate(chain, files[path])
        role, count, threshold, word, subjects, predicate = vouch(chain, files[path])
        rows.append(f"{index}  {word}: {role}, {count} keys, {threshold} needed")
        if word == "gate-decision":
            decisions.append(check_decision(index, predicate, hashes))
            decided.append((subjects, predicate))
    material = "none: the bundle is of a log alone"
    if gone is not None:
        there, missing = check_material(files, decided, gone)
        material = f"{there} files, each by its digest and led to by a decision; {missing} withheld"
    before = "no checkpoint given with --seen"
    if seen is not None:
        old = check_checkpoint(seen, trust["log"])
        need(old[1] <= size, "older than what was seen")
        need(tree_root(hashes[: old[1]]) == old[2], "another history than what was seen")
        before = f"all {old[1]} entries that you saw are in it, unchanged"
    at = dict(witnesses.values())
    if all(when < 1 << 37 for when in at.values()):
        at = {name: datetime.fromtimestamp(when, timezone.utc) for name, when in at.items()}
    names = ", ".join(f"{name!r} at {when}" for name, when in at.items()) or "no witness"
    return [
        f"1. trust: version {trust['version']}, from the first document that you brought",
        f"2. checkpoint: {head[0]!r}, {size} entries; cosigned by {names}",
        f"3. tree: every hash computed anew; root {head[2].hex()[:16]}",
        f"4. envelopes: {len(rows)} shown, {len(hidden)} withheld: {hidden}",
        "5. signatures, in the order of the log:",
        *(f"   {each!a}" for each in rows),
        f"6. what you saw before: {before}",
        f"7. decisions: {len(decisions)}, each behind the log that it names",
        *(f"   {each!a}" for each in decisions),
        "8. not checked:",
        *(f"   - {each}" for each in NOT_CHECKED),
        f"9. material: {material}; no decision was computed anew",
        "the bundle holds",
    ]


def read(path, most):
    """Return the bytes of a file, at most so many."""
    with open(path, "rb") as file:
        content = file.read(most + 1)
    need(len(content) <= most, "file is too large")
    return content


def main(words):
    """Run; return the exit code."""
    options = dict(zip(words[1::2], words[2::2]))
    if len(words) not in (3, 5) or "--root" not in options or set(options) - {"--root", "--seen"}:
        print("usage: check_bundle.py BUNDLE --root FILE [--seen FILE]", file=sys.stderr)
        return 2
    try:
        seen = read(options["--seen"], 1 << 20) if "--seen" in options else None
        lines = check(read(words[0], MOST_BUNDLE), read(options["--root"], MOST_FILE), seen)
    except OSError as cause:
        print(f"cannot read: {cause}", file=sys.stderr)
        return 2
    except Refused as cause:
        said = f"refused: {cause!s:.300}".encode("ascii", "backslashreplace").decode()
        print(said, file=sys.stderr)
        return 12
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
