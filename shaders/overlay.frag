#version 330 core

// Colours come multiplied by their alpha, display-encoded.

uniform sampler2D overlay;

in vec2 overlay_uv;
out vec4 color;

void main() {
    color = texture(overlay, overlay_uv);
}
