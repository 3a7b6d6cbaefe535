#version 330 core

// A sum of pictures with weights. Each is bytes, which stand for what a table says.

uniform sampler2DArray pictures;
uniform sampler2D meaning;           // of each byte
uniform sampler2D counted;           // number and weight of each picture that counts
uniform int count;

out vec4 color;

float meaning_of(float value) {
    return texelFetch(meaning, ivec2(int(255.0 * value + 0.5), 0), 0).r;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    color = vec4(0.0, 0.0, 0.0, 1.0);
    for (int k = 0; k < count; k++) {
        vec2 entry = texelFetch(counted, ivec2(k, 0), 0).xy;
        vec3 value = texelFetch(pictures, ivec3(pixel, int(entry.x)), 0).rgb;
        color.rgb += entry.y * vec3(meaning_of(value.r), meaning_of(value.g), meaning_of(value.b));
    }
}
