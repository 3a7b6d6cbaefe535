// A textured mesh as a page: ways of filtering by buttons and keys, beside one another or with a wipe.

class MeshPage extends SpacePage {
  constructor(header, shaders, data) {
    super(new Entries({
      mode: { usual: "field", words: MODES, always: true },
      other: { usual: "single", words: MODES },
      layout: { usual: "one", words: ["one", "wipe", "beside"] },
      wipe: { usual: 0.5, limits: [0, 1] },
      footprint: { usual: 1, limits: [0.25, 16] },
      light: { usual: 1, limits: [0, 1] },
      ...cameraEntries(header.view),
    }), header, shaders, data);
  }

  static async unpacked(header) {
    const [samples, sheet, tables] = await Promise.all([decoded(header.samples), decoded(header.samples, "flipY"), unpackedTables(header.mesh)]);
    return { samples, sheet, tables };
  }

  newDrawing() {
    return new MeshDrawing(this.canvas, this.header, this.shaders, this.data);
  }

  connectControls() {
    super.connectControls();
    element("footprint").addEventListener("input", (event) => this.set({ footprint: 2 ** Number(event.target.value) }));
    element("wipe").addEventListener("input", (event) => this.set({ wipe: Number(event.target.value) }));
    element("light").addEventListener("change", (event) => this.set({ light: Number(event.target.checked) }));
    for (const name of ["mode", "other", "layout"]) this.connectButtons(name);
  }

  showControls() {
    const { mode, other, layout, wipe, footprint, light } = this.state;
    element("footprint").value = Math.log2(footprint);
    element("footprint-value").textContent = footprint === 1 ? "a pixel" : `${short(Number(footprint.toPrecision(3)))} pixels wide`;
    element("wipe").value = wipe;
    element("light").checked = Boolean(light);
    for (const name of ["mode", "other", "layout"]) this.showButtons(name);
    for (const part of document.querySelectorAll("[data-shown-in]")) part.hidden = !part.dataset.shownIn.split(" ").includes(layout);
    element("left-label").textContent = TITLES[mode];
    element("right-label").textContent = TITLES[other];
    const divider = layout === "beside" ? 0.5 : wipe;
    element("divider").style.left = `${100 * divider}%`;
    const shown = layout === "one" ? TITLES[mode] : `${TITLES[mode]} to the left, ${TITLES[other]} to the right`;
    this.canvas.setAttribute("aria-label", `${this.header.title}, ${shown}, footprint ${element("footprint-value").textContent}, seen from ${Math.round(this.state.yaw)} degrees`);
  }

  keyActions() {
    const { footprint, layout } = this.state;
    const scaled = (factor) => this.set({ footprint: Math.min(Math.max(footprint * factor, 0.25), 16) });
    const toggled = (name) => this.set({ layout: layout === name ? "one" : name });
    return {
      ...super.keyActions(),
      1: () => this.set({ mode: "single" }),
      2: () => this.set({ mode: "mipmap" }),
      3: () => this.set({ mode: "field" }),
      x: () => toggled("wipe"),
      b: () => toggled("beside"),
      "[": () => scaled(2 ** -0.25),
      "]": () => scaled(2 ** 0.25),
    };
  }
}

openPage(MeshPage);
