#version 330 core

// A map of sizes over a picture: tinted where they are large, with the handles of a ramp and the ring of a brush.

#include "pane.glsl"

uniform sampler2D shares;      // over the whole picture, from 0 to 1
uniform float tint;            // of where the share is 1
uniform vec4 handles;          // where a ramp begins and where it is whole, in pixels of the pane
uniform float handle_px;       // their radius; 0 where there are none
uniform vec3 brush;            // its middle and radius in pixels of the pane; 0 where there is none
uniform float line_px;

out vec4 color;

const vec3 ACCENT = vec3(1.0, 0.76, 0.38);
const vec3 DARK = vec3(0.06, 0.065, 0.08);

vec4 over(vec4 above, vec4 below) {
    return above + below * (1.0 - above.a);
}

vec4 paint(vec3 colour, float alpha) {
    return vec4(colour * alpha, alpha);
}

float line(float distance_px, float width_px) {
    return clamp(0.5 * width_px + 0.5 - abs(distance_px), 0.0, 1.0);
}

vec4 ring(vec2 position, vec2 middle, float radius, float width_px) {
    float away = distance(position, middle) - radius;
    return over(paint(ACCENT, line(away, width_px)), paint(DARK, 0.6 * line(away, width_px + 2.0 * line_px)));
}

float contour(float share, float level) {
    return line((share - level) / max(fwidth(share), 1e-5), line_px);
}

float to_segment(vec2 position, vec2 start, vec2 end) {
    vec2 way = end - start;
    float along = clamp(dot(position - start, way) / max(dot(way, way), 1e-6), 0.0, 1.0);
    return distance(position, start + along * way);
}

void main() {
    vec2 position = pane_position();
    vec2 inside = (position - picture_box.xy) / (picture_box.zw - picture_box.xy);
    float share = texture(shares, inside).r;
    float drawn = tint * coverage(position, picture_box);
    vec4 shown = paint(ACCENT, drawn * share);
    float lines = max(contour(share, 0.02), max(contour(share, 0.5), contour(share, 0.98)));
    shown = over(paint(ACCENT, handle_px > 0.0 ? min(4.0 * drawn, 1.0) * 0.7 * lines : 0.0), shown);
    if (handle_px > 0.0) {
        shown = over(paint(ACCENT, 0.8 * line(to_segment(position, handles.xy, handles.zw), line_px)), shown);
        shown = over(ring(position, handles.zw, handle_px, 1.5 * line_px), shown);
        vec4 dot_ = paint(ACCENT, clamp(handle_px + 0.5 - distance(position, handles.xy), 0.0, 1.0));
        shown = over(over(dot_, ring(position, handles.xy, handle_px, line_px)), shown);
    }
    if (brush.z > 0.0) {
        shown = over(ring(position, brush.xy, brush.z, line_px), shown);
    }
    color = shown;
}
