"""Exit with 0 if the app on this machine is well: the container's engine asks every half minute.

It knows nothing of the app, so that it costs a tenth of a second and not two.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def is_well(port: int, base: str) -> bool:
    """Return whether the app answers that its workspace answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", f"{base}/healthz")
        answer = connection.getresponse()
        return answer.status == 200 and answer.read(10) == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def base_path() -> str:
    """Return the sub-path of the app, as its own settings name it."""
    named = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    path = (named or urlsplit(os.environ.get("LEEWAY_PUBLIC_URL", "")).path).strip("/")
    return f"/{path}" if path else ""


if __name__ == "__main__":
    sys.exit(not is_well(int(os.environ.get("LEEWAY_PORT", "8501")), base_path()))
