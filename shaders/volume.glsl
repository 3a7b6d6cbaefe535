// A shape as a volume of signed distances, whose surface is where they are `level`.

uniform sampler3D volume;
uniform float half_extent;     // the volume fills [-half_extent, half_extent]^3
uniform float level;
uniform vec3 box_lower;        // outside this box there is nothing of the shape
uniform vec3 box_upper;

float distance_at(vec3 place) {
    return textureLod(volume, 0.5 + place * (0.5 / half_extent), 0.0).r - level;
}

// Where a ray enters the box, and where it leaves it; first the greater where it misses the box.
vec2 within_box(vec3 from, vec3 along) {
    vec3 safe = mix(along, vec3(1e-9), lessThan(abs(along), vec3(1e-9)));
    vec3 to_lower = (box_lower - from) / safe;
    vec3 to_upper = (box_upper - from) / safe;
    vec3 enters = min(to_lower, to_upper);
    vec3 leaves = max(to_lower, to_upper);
    return vec2(max(max(enters.x, enters.y), enters.z), min(min(leaves.x, leaves.y), leaves.z));
}
