#version 330 core

// The geometry pass itself: u red, v green, and the longer axis of the footprint blue, from a texel up to 256.

uniform sampler2D uv;
uniform sampler2D jacobian;
uniform vec2 sheet_px;

out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 place = texelFetch(uv, pixel, 0);
    vec4 texels = texelFetch(jacobian, pixel, 0) * sheet_px.xxyy;
    float trace = dot(texels, texels);
    float determinant = texels.x * texels.w - texels.y * texels.z;
    float longer = sqrt(0.5 * (trace + sqrt(max(trace * trace - 4.0 * determinant * determinant, 0.0))));
    float footprint = clamp(log2(max(longer, 1.0)) / 8.0, 0.0, 1.0);
    color = place.w > 0.0 ? vec4(place.xy, footprint, place.w) : vec4(0.0);
}
