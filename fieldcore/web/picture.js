// A picture under a Gaussian, with the wipe against the truth.

const PICTURE_ENTRIES = new Entries({ ...GAUSSIAN_ENTRIES, ...PLANE_ENTRIES, ellipse: { usual: 1, limits: [0, 1] } }, minorWithin);

class PicturePage extends GaussianPage {
  constructor(header, shaders, data) {
    super(PICTURE_ENTRIES, header, shaders, data);
  }

  static async unpacked(header) {
    const truth = header.truth && header.truth.id ? await decoded(header.truth) : null;
    return { samples: await decoded(header.samples), truth };
  }

  newDrawing() {
    const drawing = new PictureDrawing(this.canvas, this.header, this.shaders, this.data);
    for (const part of document.querySelectorAll("[data-truth]")) part.toggleAttribute("hidden", !drawing.truth);
    return drawing;
  }

  paint() {
    this.drawing.draw(this.state, backgroundColour(), this.moving);
    element("ellipse").toggleAttribute("hidden", !this.state.ellipse);
    this.ellipse.draw(this.state, this.drawing.place(this.state).unit / this.ratio());
    return this.moving;
  }

  showControls() {
    super.showControls();
    element("ellipse-shown").checked = Boolean(this.state.ellipse);
  }

  connectControls() {
    super.connectControls();
    this.ellipse = new Ellipse(element("ellipse"), (change) => this.set(change));
    element("ellipse-shown").addEventListener("change", (event) => this.set({ ellipse: Number(event.target.checked) }));
  }
}

openPage(PicturePage);
