// A grid on the floor, y = -1, under the model; lines a pixel wide that fade with distance and where they get dense.

uniform vec3 eye;
uniform vec3 ray_forward;      // of unit length, so that distances along rays are those along the view axis
uniform vec3 ray_right;        // by pixel
uniform vec3 ray_up;
uniform vec2 ray_origin;       // the pixel coordinates that `ray_forward` goes through
uniform float line_px;

const float FLOOR = -1.0;
const float CELL = 0.25;
const int CELLS_A_BLOCK = 4;
const vec3 LINE = vec3(0.86, 0.88, 0.92);
const vec3 X_LINE = vec3(0.93, 0.33, 0.36);
const vec3 Z_LINE = vec3(0.36, 0.56, 0.97);

vec3 floor_ray() {
    vec2 from_origin = gl_FragCoord.xy - pane_box.xy - ray_origin;
    return ray_forward + from_origin.x * ray_right + from_origin.y * ray_up;
}

float floor_distance() {
    vec3 ray = floor_ray();
    float away = (FLOOR - eye.y) / (abs(ray.y) > 1e-6 ? ray.y : 1e-6);
    return away > 0.0 ? away : 1e9;
}

// Of lines at all multiples of `period`: how much of them the pixel shows that is `by_pixel` wide there.
vec2 lines_every(float period, vec2 place, vec2 by_pixel) {
    vec2 away = abs(fract(place / period + 0.5) - 0.5) * period / by_pixel;
    vec2 sharp = clamp(0.5 * line_px + 0.5 - away, 0.0, 1.0);
    return sharp * (1.0 - smoothstep(0.1, 0.4, by_pixel / period));
}

// Colour times opacity, and opacity.
vec4 floor_lines() {
    float distance = floor_distance();
    if (distance > 1e8) return vec4(0.0);
    vec3 ray = floor_ray();
    vec2 place = (eye + distance * ray).xz;
    vec2 right = distance * (ray_right.xz - ray.xz * (ray_right.y / ray.y));
    vec2 up = distance * (ray_up.xz - ray.xz * (ray_up.y / ray.y));
    vec2 by_pixel = max(sqrt(right * right + up * up), 1e-6);
    vec2 fine = 0.22 * lines_every(CELL, place, by_pixel);
    vec2 coarse = 0.5 * lines_every(CELL * float(CELLS_A_BLOCK), place, by_pixel);
    vec2 lines = max(fine, coarse);
    vec2 axes = 0.85 * clamp(0.5 * line_px + 1.0 - abs(place) / by_pixel, 0.0, 1.0);
    float fade = 1.0 - smoothstep(1.5, 5.0, length(place));
    float plain = max(lines.x, lines.y);
    vec4 shown = vec4(LINE * plain, plain);
    // Along the x axis z is 0, and the other way round.
    shown = mix(shown, vec4(X_LINE, 1.0), axes.y);
    shown = mix(shown, vec4(Z_LINE, 1.0), axes.x);
    return fade * shown;
}
