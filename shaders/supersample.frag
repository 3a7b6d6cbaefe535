#version 330 core

// One bilinear sample of the sheet where the ray meets the model.

#include "surface_hit.glsl"

uniform sampler2D sheet;

out vec4 color;

void main() {
    Hit hit = surface_hit();
    wrap_into_sheet(hit);
    color = vec4(textureLod(sheet, hit.uv, 0.0).rgb, 1.0);
}
