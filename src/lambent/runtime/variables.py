"""The environment variables of a function's process: Lambda's, ours, the user's. Nothing of the server's own.

May import spec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambent.runtime.spec import FunctionSpec

_UTF8_LOCALE = frozenset({"python3.12", "python3.13", "python3.14"})


def environ_of(
    spec: FunctionSpec, *, kind: str, log_stream: str, endpoint: str, task_root: str, opt_root: str, library: str
) -> dict[str, str]:
    """What `os.environ` holds in the function. The user's variables win where Lambda lets users set them.

    kind: `python`, `node` or `provided`.
    task_root, opt_root, library: where the function finds its code, its layers and what Lambda's runtime ships.
    """
    changeable = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": f"/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:{opt_root}/bin",
        "LD_LIBRARY_PATH": (
            f"/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:{opt_root}/lib"
        ),
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }
    if kind == "python":
        changeable["PYTHONPATH"] = library
    elif kind == "node":
        changeable["NODE_PATH"] = _node_path(spec.runtime, task_root, opt_root, library)
    if endpoint:
        changeable["AWS_ENDPOINT_URL"] = endpoint
    if spec.runtime in _UTF8_LOCALE:
        changeable["LC_CTYPE"] = "C.UTF-8"
    fixed = {
        "_HANDLER": spec.handler,
        "AWS_ACCESS_KEY_ID": spec.account,
        "AWS_SECRET_ACCESS_KEY": f"lambent-{spec.name}",
        "AWS_SESSION_TOKEN": f"lambent-{spec.account}-{spec.name}",
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": spec.initialization_type,
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": "169.254.100.1:9001",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": task_root,
    }
    if spec.log_levels is not None:
        fixed.update({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.log_levels.application})
    if kind != "provided":
        fixed.update({"AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}", "PWD": task_root, "SHLVL": "0"})
    return {**changeable, **spec.variables, **fixed}


def _node_path(runtime: str, task_root: str, opt_root: str, library: str) -> str:
    """Where Node looks modules up that a function does not bring itself."""
    major = runtime.removeprefix("nodejs").removesuffix(".x")
    layers = f"{opt_root}/nodejs/node{major}/node_modules:{opt_root}/nodejs/node_modules"
    return f"{layers}:{library}/node_modules:{library}:{task_root}"
