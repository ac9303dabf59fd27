"""What a page and the server say to each other, as far as the door has to know it."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from analytics.web.handed import Asked

_WIDGETS = 2_000  # whose states a page tells at once
_KEPT = 5_000  # messages that a page says it has kept
_SHORT = 16_384  # bytes: what is drawn and longer than this carries rows, and no names
_DELTA = ForwardMsg.DELTA_FIELD_NUMBER
_VARINT, _BYTES = 0, 2  # how a field stands on the wire


def told(message: bytes) -> list[str]:
    """Return the names of files, and of places for files, that a message tells a page."""
    if len(message) > _SHORT and _is_drawn(message):
        return []
    said = ForwardMsg.FromString(message)
    match said.WhichOneof("type"):
        case "delta" if said.delta.new_element.WhichOneof("type") == "download_button":
            button = said.delta.new_element.download_button
            names = [button.url, button.deferred_file_id]
        case "page_config_changed":
            names = [said.page_config_changed.favicon]
        case "backend_operation_response":
            names = [said.backend_operation_response.deferred_file.url]
        case "file_urls_response":
            places = said.file_urls_response.file_urls
            names = [url for place in places for url in (place.upload_url, place.delete_url)]
        case _:
            names = []
    return [name for name in names if name]


def _is_drawn(message: bytes) -> bool:
    """Return whether a message holds an element, without reading the element itself."""
    place = 0
    while place < len(message):
        tag, place = _number(message, place)
        if tag >> 3 == _DELTA:
            return True
        if tag & 7 not in (_VARINT, _BYTES):
            return False
        value, place = _number(message, place)
        place += value if tag & 7 == _BYTES else 0
    return False


def _number(message: bytes, place: int) -> tuple[int, int]:
    """Return the number that stands at a place, seven bits a byte, and where it ends."""
    number = shift = 0
    while place < len(message):
        byte = message[place]
        number, shift, place = number | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            break
    return number, place


def asked(message: bytes) -> Asked | None:
    """Return what a message from a page asks for; None if no page of ours says such a thing.

    Pages of ours run, stop and show that they are alive; they ask where to send files, and have
    those made that they offer.
    """
    try:
        said = BackMsg.FromString(message)
    except DecodeError:
        return None
    match said.WhichOneof("type"):
        case "rerun_script":
            run = said.rerun_script
            states, kept = len(run.widget_states.widgets), len(run.cached_message_hashes)
            return Asked() if states <= _WIDGETS and kept <= _KEPT else None
        case "stop_script" | "app_heartbeat":
            return Asked()
        case "file_urls_request":
            return _places(said)
        case "backend_operation_request":
            return _made(said)
    return None


def _places(said: BackMsg) -> Asked:
    wanted = said.file_urls_request

    def refused(sentence: str) -> bytes:
        answer = ForwardMsg()
        answer.file_urls_response.response_id = wanted.request_id
        answer.file_urls_response.error_msg = sentence
        return bytes(answer.SerializeToString())

    return Asked(places=len(wanted.file_names), refused=refused)


def _made(said: BackMsg) -> Asked:
    """Return what a page wants to have made; of all but files that is nothing it was told of."""
    wanted = said.backend_operation_request

    def refused(sentence: str) -> bytes:
        answer = ForwardMsg()
        answer.backend_operation_response.request_id = wanted.request_id
        answer.backend_operation_response.error_msg = sentence
        return bytes(answer.SerializeToString())

    return Asked(names=[wanted.deferred_file.file_id], refused=refused)
