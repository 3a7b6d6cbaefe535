// The backdrop of a studio: light behind its middle.

#include "dither.glsl"
#include "pane.glsl"

const vec3 BACKDROP_MIDDLE = vec3(0.405, 0.412, 0.428);
const vec3 BACKDROP_CORNER = vec3(0.150, 0.154, 0.166);

vec3 backdrop() {
    vec2 position = pane_position();
    vec2 from_middle = (position - vec2(0.5, 0.46) * pane_box.zw) / (0.5 * pane_box.zw);
    return mix(BACKDROP_MIDDLE, BACKDROP_CORNER, smoothstep(0.0, 2.2, dot(from_middle, from_middle)));
}
