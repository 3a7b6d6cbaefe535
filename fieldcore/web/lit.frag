#version 330 core

// A sum of pictures with weights. Each is bytes, which stand for what a table says. With AS_SHOWN a second sum is that of
// what bytes are shown as, of which the light is added.

uniform sampler2DArray pictures;
uniform sampler2D meaning;           // of each byte, and what that is shown as
uniform sampler2D counted;           // of each picture that counts its number, its weight, and that of what is shown
uniform int count;
#ifdef AS_SHOWN
uniform float shown_share;           // of the light of what is shown
uniform float gain;                  // by which light is shown brighter
#endif

out vec4 color;

vec2 meaning_of(float value) {
    return texelFetch(meaning, ivec2(int(255.0 * value + 0.5), 0), 0).rg;
}

#ifdef AS_SHOWN
vec3 light_of(vec3 shown) {
    shown = max(shown, 0.0);
    return mix(pow((shown + 0.055) / 1.055, vec3(2.4)), shown / 12.92, lessThanEqual(shown, vec3(0.04045))) / gain;
}
#endif

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 light = vec3(0.0), shown = vec3(0.0);
    for (int k = 0; k < count; k++) {
        vec4 entry = texelFetch(counted, ivec2(k, 0), 0);
        vec3 value = texelFetch(pictures, ivec3(pixel, int(entry.x)), 0).rgb;
        vec2 red = meaning_of(value.r), green = meaning_of(value.g), blue = meaning_of(value.b);
        light += entry.y * vec3(red.x, green.x, blue.x);
#ifdef AS_SHOWN
        shown += entry.z * vec3(red.y, green.y, blue.y);
#endif
    }
#ifdef AS_SHOWN
    light += shown_share * light_of(shown);
#endif
    color = vec4(light, 1.0);
}
