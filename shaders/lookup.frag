#version 330 core

// The texture as the driver filters it over a pixel's footprint, or the texel that the sampler picks.

uniform sampler2D uv;
uniform sampler2D jacobian;
uniform sampler2D sheet;
uniform float width;             // of what is averaged over, as a share of a pixel's

out vec4 color;

#ifdef PROBES
// Trilinear probes along the footprint's longer side, as the extension EXT_texture_filter_anisotropic describes them.
uniform float most_probes;

vec3 filtered(vec2 place, vec2 right, vec2 down) {
    vec2 size = vec2(textureSize(sheet, 0));
    float along_x = max(length(right * size), 1e-6), along_y = max(length(down * size), 1e-6);
    float longer = max(along_x, along_y);
    float count = min(ceil(longer / min(along_x, along_y)), most_probes);
    float level = log2(longer / count);
    vec2 side = along_x > along_y ? right : down;
    vec3 sum = vec3(0.0);
    for (float probe = 1.0; probe <= count; probe += 1.0) {
        sum += textureLod(sheet, place + side * (probe / (count + 1.0) - 0.5), level).rgb;
    }
    return sum / count;
}
#else
vec3 filtered(vec2 place, vec2 right, vec2 down) {
    return textureGrad(sheet, place, right, down).rgb;
}
#endif

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 place = texelFetch(uv, pixel, 0);
    color = vec4(0.0);
    if (place.w > 0.0) {
        vec4 by_pixel = width * texelFetch(jacobian, pixel, 0);
        color = vec4(filtered(place.xy, by_pixel.xz, by_pixel.yw), place.w);
    }
}
