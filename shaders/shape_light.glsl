// How much light reaches a place beside a shape: cones marched through its volume.

uniform vec3 to_light;         // unit vector towards the key light
uniform float cell;            // side of a cell of the volume
uniform float steepness;       // length of the distances' gradient, at most
uniform int shadow_steps;      // 0: nothing casts a shadow
uniform int openness_taps;

const float SOFTNESS = 0.11;   // half the light's width at a distance of one
const float REACH = 0.42;      // of what takes ambient light away

// Share of the key light: 1 where nothing lies in its cone, one half where the shape's edge divides it, 0 behind.
//
// The cone's least clearance along its axis, in its own width, says how much of it is free.
float key_light(vec3 place) {
    vec2 span = within_box(place, to_light);
    float along = max(span.x, cell);
    float clearance = 1.0;
    for (int k = 0; k < shadow_steps; k++) {
        if (along >= span.y || clearance <= -1.0) break;
        float value = distance_at(place + along * to_light) / steepness;
        clearance = min(clearance, value / (SOFTNESS * along));
        along += max(abs(value), 0.9 * cell);
    }
    clearance = max(clearance, -1.0);
    // The part of a disc on one side of a line, to a thousandth or two.
    return 0.25 * (1.0 + clearance) * (1.0 + clearance) * (2.0 - clearance);
}

// Of what is left of the shape in the box: the greater of two distances is that of what two things have in common.
float distance_left_at(vec3 place) {
    vec3 outside = max(box_lower - place, place - box_upper);
    return max(distance_at(place), max(max(outside.x, outside.y), outside.z));
}

// Share of the ambient light: how far distances along the normal fall short of those above a plane.
//
// `side` is 1 outside the shape, -1 for who is within it.
float ambient_light(vec3 place, vec3 normal, float side) {
    float missing = 0.0;
    float weight = 1.0;
    float total = 0.0;
    for (int k = 1; k <= openness_taps; k++) {
        float away = REACH * float(k * k) / float(openness_taps * openness_taps);
        missing += weight * clamp(1.0 - side * distance_left_at(place + away * normal) / away, 0.0, 1.0);
        total += weight;
        weight *= 0.8;
    }
    float open = 1.0 - missing / max(total, 1.0);
    return open * open;
}
