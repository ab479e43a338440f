// sharp, which is libvips for Node: so many photos at a time, each with one thread.
//
//     sharp.js MODULES FILTER INPUT OUTPUT WORKERS

const [modules, filter, input, output, workers] = process.argv.slice(2);
const fs = require("node:fs/promises");
const path = require("node:path");
const sharp = require(path.join(modules, "sharp"));

const SIGMA = 5;

async function one(name) {
  let photo = sharp(path.join(input, name)).autoOrient();
  switch (filter) {
    case "quarter": {
      const { width } = await photo.metadata();
      photo = photo.resize({ width: Math.floor(width / 4) });
      break;
    }
    case "grey":
      photo = photo.greyscale().toColourspace("b-w");
      break;
    case "blur":
      photo = photo.blur(SIGMA);
      break;
  }
  await photo.jpeg({ quality: 90 }).toFile(path.join(output, name));
}

async function worker(names) {
  for (let name = names.pop(); name; name = names.pop()) {
    await one(name);
  }
}

async function main() {
  sharp.concurrency(1);
  // Each photo is another one.
  sharp.cache(false);
  const names = (await fs.readdir(input)).sort();
  const count = names.length;
  await Promise.all(Array.from({ length: Number(workers) }, () => worker(names)));
  console.log(`${count} done`);
}

main();
