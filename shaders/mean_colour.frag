#version 330 core

// The mean over those samples of a pixel that met the model.

uniform sampler2D uv;
uniform sampler2D total;       // sum of colours, number of samples
uniform sampler2D sheet;

out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 place = texelFetch(uv, pixel, 0);
    color = vec4(0.0);
    if (place.w > 0.0) {
        vec4 sum = texelFetch(total, pixel, 0);
        // Few samples, none of which met what little of the model there is.
        vec3 single = textureLod(sheet, place.xy, 0.0).rgb;
        color = vec4(sum.w > 0.0 ? sum.rgb / sum.w : single, place.w);
    }
}
