# ruff: noqa
# The examples of the rules in code-is-never-data.yml; `semgrep scan --test` reads them, nothing runs them.

# ruleid: no-dynamic-code
eval(text)
# ruleid: no-dynamic-code
exec(text, {})
# ruleid: no-dynamic-code
compile(text, "name", "exec")
# ruleid: no-dynamic-code
__import__(name)
# ok: no-dynamic-code
re.compile(text)
# ok: no-dynamic-code
model.eval()

# ruleid: no-unsafe-deserialisation
import pickle

# ruleid: no-unsafe-deserialisation
from pickle import loads

# ruleid: no-unsafe-deserialisation
import marshal

# ruleid: no-unsafe-deserialisation
yaml.load(text, Loader=yaml.Loader)
# ok: no-unsafe-deserialisation
yaml.safe_load(text)
# ok: no-unsafe-deserialisation
import json

# ruleid: no-shell
os.system(f"convert {name}")
# ruleid: no-shell
subprocess.run(command, shell=True, check=False)
# ruleid: no-shell
await asyncio.create_subprocess_shell(command)
# ok: no-shell
subprocess.run([program, name], check=False)

# ruleid: no-template-engine
from jinja2 import Template

# ruleid: no-template-engine
import jinja2

# ruleid: no-template-engine
prompt.format_map(values)
# ok: no-template-engine
"{} is {}".format(name, value)

# ruleid: subprocess-where-it-belongs
import subprocess

# ruleid: subprocess-where-it-belongs
await asyncio.create_subprocess_exec(program)
# ok: subprocess-where-it-belongs
from domain.errors import NotFound
