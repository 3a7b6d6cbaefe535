// The model before a studio's backdrop. Who includes this says what each texel of the model's picture shows.

#include "backdrop.glsl"

uniform vec2 picture_px;       // of the model's picture, which fills the pane

// Colour times coverage, and coverage, of one texel (from the bottom left).
vec4 shown_at(ivec2 texel);

vec2 picture_position() {
    return (gl_FragCoord.xy - pane_box.xy) * (picture_px / pane_box.zw);
}

// The picture as it is where its pixels are those of the pane, else magnified smoothly.
vec4 model() {
    vec2 position = picture_position();
    if (picture_px == pane_box.zw) return shown_at(ivec2(position));
    ivec2 last = ivec2(picture_px) - 1;
    vec2 from_first = position - 0.5;
    ivec2 first = ivec2(floor(from_first));
    vec2 share = from_first - vec2(first);
    vec4 below = mix(shown_at(clamp(first, ivec2(0), last)), shown_at(clamp(first + ivec2(1, 0), ivec2(0), last)), share.x);
    vec4 above = mix(
        shown_at(clamp(first + ivec2(0, 1), ivec2(0), last)), shown_at(clamp(first + 1, ivec2(0), last)), share.x
    );
    return mix(below, above, share.y);
}

vec3 before(vec3 behind, vec4 picture) {
    return behind * (1.0 - picture.a) + picture.rgb;
}
