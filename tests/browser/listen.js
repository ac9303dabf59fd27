// What a person cannot see and a test must know: whether the page still waits for its script.
//
// The client says nothing between a click and the server's first word, and it holds sliders back
// for a moment, so "not running" alone does not mean that all has been answered. Here the wire is
// heard: a run that was asked for stays owed until one that began later has ended.
(() => {
  const RERUN = 11, RERUN_IS_AUTO = 6; // BackMsg.rerun_script, ClientState.is_auto_rerun
  const BEGUN = 4, ENDED = 6, EARLY = 2; // ForwardMsg.new_session, .script_finished and its status
  const page = { owed: false, begun: false, touched: performance.now() };
  window.__page = page;

  // The fields of a message: number -> its varint, or the bytes of what it holds.
  function fields(bytes) {
    const found = new Map();
    let at = 0;
    const varint = () => {
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    };
    while (at < bytes.length) {
      const tag = varint(), kind = tag & 7, number = Math.floor(tag / 8);
      if (kind === 0) found.set(number, varint());
      else if (kind === 1) at += 8;
      else if (kind === 5) at += 4;
      else {
        const size = varint();
        found.set(number, bytes.subarray(at, at + size));
        at += size;
      }
    }
    return found;
  }

  const touch = () => (page.touched = performance.now());
  for (const kind of ["pointerdown", "keydown", "input", "change"])
    window.addEventListener(kind, touch, true);

  const OfBrowser = window.WebSocket;
  window.WebSocket = class extends OfBrowser {
    constructor(...address) {
      super(...address);
      Object.assign(page, { owed: false, begun: false });
      this.addEventListener("message", ({ data }) => {
        if (data instanceof ArrayBuffer) hear(fields(new Uint8Array(data)));
      });
    }
    send(data) {
      if (data instanceof Uint8Array) say(fields(data));
      super.send(data);
    }
  };

  function say(message) {
    const rerun = message.get(RERUN);
    if (!rerun || fields(rerun).get(RERUN_IS_AUTO)) return; // progress that draws itself
    Object.assign(page, { owed: true, begun: false });
    touch();
  }

  function hear(message) {
    if (message.has(BEGUN)) page.begun = true;
    if (!message.has(ENDED) || message.get(ENDED) === EARLY) return;
    if (page.begun && page.owed) {
      page.owed = false;
      touch();
    }
  }
})();
