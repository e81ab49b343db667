"""service_places.py FILER AZURE: makes the bucket and the container `lake` in the services of the tests."""
import base64
import email.utils
import hashlib
import hmac
import sys
import time
import urllib.error
import urllib.request

# The key of every emulator; it is no secret.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
ACCOUNT = "devstoreaccount1"


def container(url: str) -> urllib.request.Request:
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2023-11-03"}
    said = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    text = "PUT" + "\n" * 12 + said + f"/{ACCOUNT}/{ACCOUNT}/lake\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{signature}"
    headers["Content-Length"] = "0"
    return urllib.request.Request(f"{url}/lake?restype=container", method="PUT", headers=headers)


def bucket(filer: str) -> urllib.request.Request:
    return urllib.request.Request(f"{filer}/buckets/lake/", method="POST")


def make(request: urllib.request.Request) -> None:
    # A service may answer before all of its parts are up.
    for _ in range(50):
        try:
            urllib.request.urlopen(request, timeout=5)
            return
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return
            problem = f"{error.code} {error.read()[:300]!r}"
        except OSError as error:
            problem = str(error)
        time.sleep(0.2)
    sys.exit(f"services: {request.full_url}: {problem}")


make(bucket(sys.argv[1]))
make(container(sys.argv[2]))
