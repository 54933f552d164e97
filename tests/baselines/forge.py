"""Files as somebody with bad intentions, or another version, would write them: sealed and wrong."""

import io
import json
import zipfile

from safetensors.numpy import load, save

from baselines.a2c_lstm import checkpoint as a2c_lstm
from baselines.common.files import CHECKSUM, UNSEALED, safetensors_header, seal
from baselines.recurrent_ppo import checkpoint as recurrent_ppo


def forge(path, change):
    """Changes what a file of ours says beside its tensors, and seals it again.

    Args:
        path: A checkpoint of either agent, or JSON.
        change: Gets the values, a dict, to change in place.
    """
    content = path.read_bytes()
    if path.suffix == ".zip":
        path.write_bytes(_forged_zip(content, change))
    elif path.suffix == ".safetensors":
        path.write_bytes(seal(_forged_tensors(content, a2c_lstm.ENTRY, change)))
    else:
        path.write_bytes(seal(_forged_json(content, change)))


def _forged_json(content, change):
    values = json.loads(content)
    if CHECKSUM in values:
        values[CHECKSUM] = UNSEALED
    change(values)
    return json.dumps(values).encode()


def _forged_tensors(content, entry, change):
    text = safetensors_header(content)[entry]
    return save(load(content), {entry: _forged_json(text, change).decode()})


def _forged_zip(content, change):
    forged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if name == recurrent_ppo.STATE:
                member = _forged_tensors(member, recurrent_ppo.ENTRY, change)
            new.writestr(zipfile.ZipInfo(name, recurrent_ppo.EPOCH), member)
        new.comment = UNSEALED.encode()
    return seal(forged.getvalue())
