"""The only place that picks adapters and reads the clock, the environment and configuration files.

Environment variables:

- `SCALEGATE_WORKSPACE`: the workspace's folder, where none is named. Without it the workspace is
  the nearest folder, from the current one upwards, that holds `scalegate.toml`.
- `SCALEGATE_STORE_URL`: where records are kept; goes before `[store] url` of the settings, so that
  a password need not stand in a file.
- `SCALEGATE_PASSPHRASE`: opens private key files that are sealed with one.
- `SCALEGATE_RECORD_RUNS`: `1` lets the hook for Inspect record every log in the workspace.
- `SCALEGATE_MEMORY`: the file in which `permit verify` remembers the log, where none is named.
- `SCALEGATE_PIN`, `PYKCS11LIB`: the PIN of a token, and the library that speaks to it.
- `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and what else the
  client of an S3-compatible store reads: where a log named `s3://bucket/prefix` lies, and by whom.
- `SCALEGATE_DEBUG`: `1` asks for the traceback of a fault of this program.
"""

from scalegate.wiring.environment import (
    DEBUG_VARIABLE,
    MEMORY_VARIABLE,
    PASSPHRASE_VARIABLE,
    PIN_VARIABLE,
    RECORD_VARIABLE,
    STORE_VARIABLE,
    WORKSPACE_VARIABLE,
    SystemClock,
    is_debugging,
    new_secret,
    records_runs,
    system_clock,
)
from scalegate.wiring.files import (
    FileReader,
    digest_of_tree,
    digests_below,
    evidence_reader,
    read_bundle_file,
    read_policy_text,
    read_signed,
    write_private,
    write_whole,
)
from scalegate.wiring.keys import (
    import_signer,
    new_signer,
    public_key_of,
    replace_key_file,
    signer_at,
    signer_of,
)
from scalegate.wiring.records import (
    http_post,
    log_files,
    memory_file,
    read_memory,
    witness_server,
    write_memory,
)
from scalegate.wiring.shipped import (
    case_source,
    comparison_means,
    engine_build,
    find_examples,
    find_frameworks,
    policy_field_texts,
    policy_source,
    response_files,
)
from scalegate.wiring.workspaces import (
    add_indicator_set,
    create_workspace,
    find_workspace,
    open_workspace,
    record_index,
)

__all__ = [
    "DEBUG_VARIABLE",
    "MEMORY_VARIABLE",
    "PASSPHRASE_VARIABLE",
    "PIN_VARIABLE",
    "RECORD_VARIABLE",
    "STORE_VARIABLE",
    "WORKSPACE_VARIABLE",
    "FileReader",
    "SystemClock",
    "add_indicator_set",
    "case_source",
    "comparison_means",
    "create_workspace",
    "digest_of_tree",
    "digests_below",
    "engine_build",
    "evidence_reader",
    "find_examples",
    "find_frameworks",
    "find_workspace",
    "http_post",
    "import_signer",
    "is_debugging",
    "log_files",
    "memory_file",
    "new_secret",
    "new_signer",
    "open_workspace",
    "policy_field_texts",
    "policy_source",
    "public_key_of",
    "read_bundle_file",
    "read_memory",
    "read_policy_text",
    "read_signed",
    "record_index",
    "records_runs",
    "replace_key_file",
    "response_files",
    "signer_at",
    "signer_of",
    "system_clock",
    "witness_server",
    "write_memory",
    "write_private",
    "write_whole",
]
