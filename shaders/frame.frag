#version 330

// A finished frame, magnified to the viewport, where the window has grown since.

uniform sampler2D frame;
uniform vec2 corner_px;
uniform vec2 surface_px;

out vec4 colour;

void main() {
    colour = vec4(texture(frame, (gl_FragCoord.xy - corner_px) / surface_px).rgb, 1.0);
}
