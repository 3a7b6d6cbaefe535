#version 330 core

// A rectangle of the frame given by its box (left, top, right, bottom) in pixels from the top left corner.

uniform vec2 framebuffer_px;
uniform vec4 overlay_box;

out vec2 overlay_uv;

void main() {
    overlay_uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 position = mix(overlay_box.xy, overlay_box.zw, overlay_uv);
    gl_Position = vec4((2.0 * position / framebuffer_px - 1.0) * vec2(1.0, -1.0), 0.0, 1.0);
}
