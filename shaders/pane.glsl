// Pane coordinates: pixels from the top left corner, pixel centres at halves. Boxes: left, top, right, bottom.

uniform vec4 pane_box;         // of the framebuffer: left, bottom, width, height
uniform vec4 picture_box;      // the whole picture

vec2 pane_position() {
    return vec2(gl_FragCoord.x - pane_box.x, pane_box.w - (gl_FragCoord.y - pane_box.y));
}

// Share of the pixel around `position` that lies in `box`: an antialiased edge.
float coverage(vec2 position, vec4 box) {
    vec2 overlap = clamp(min(position + 0.5, box.zw) - max(position - 0.5, box.xy), 0.0, 1.0);
    return overlap.x * overlap.y;
}
