"""An MLflow server on a port of this machine, with a database and files of its own, until stdin is closed: so it
ends with the test that started it, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

port = sys.argv[1]
with tempfile.TemporaryDirectory(prefix="brasa-mlflow-", ignore_cleanup_errors=True) as folder:
    # Whatever its user has set for servers of their own does not apply.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port, "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", f"{folder}/artifacts"]
    with open(f"{folder}/log", "w+") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        asked = threading.Event()

        def stop_at_the_end_of_stdin():
            sys.stdin.read()
            asked.set()
            os.killpg(server.pid, signal.SIGKILL)

        threading.Thread(target=stop_at_the_end_of_stdin, daemon=True).start()
        server.wait()
        if not asked.is_set():
            log.seek(0)
            sys.exit(f"mlflow server ended with {server.returncode}:\n{log.read()}")
