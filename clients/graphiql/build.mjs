// Bundles GraphiQL and the overview into the folder named by the first argument: hashed files, and manifest.json naming
// the two that each page loads. Run it with `node build.mjs OUTPUT` beside an installed node_modules.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OVERVIEW = join(HERE, "..", "overview");

const WORKERS = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
};

// GraphiQL uses the operation's name as the title of a tab, and ignores other titles; these places in its code do that.
const TAB_TITLES = [
  ["title: operationName || DEFAULT_TITLE", "title: titleOf(query) || operationName || DEFAULT_TITLE"],
  ["title: newTab.operationName ||", "title: titleOf(newTab.query) || newTab.operationName ||"],
];
const TITLE_OF = "const titleOf = (query) => /^# (.+)/.exec(query ?? '')?.[1].trim();\n";

const titledTabs = {
  name: "titled-tabs",
  setup({ onLoad }) {
    onLoad({ filter: /@graphiql[\\/]react[\\/]dist[\\/]utility[\\/]tabs\.js$/ }, async ({ path }) => {
      let contents = TITLE_OF + (await readFile(path, "utf8"));
      for (const [theirs, ours] of TAB_TITLES) {
        if (!contents.includes(theirs)) {
          throw new Error(`${path} no longer contains “${theirs}”: adapt TAB_TITLES to this version`);
        }
        contents = contents.replaceAll(theirs, ours);
      }
      return { contents };
    });
  },
};

async function textsOf(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".graphql")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return names.map((name, index) => [basename(name, ".graphql"), texts[index]]);
}

// The modules `virtual:examples` (a list of texts) and `virtual:queries` (the texts of the overview, by name).
const VIRTUAL = {
  "virtual:examples": async () => (await textsOf(join(HERE, "examples"))).map(([, text]) => text),
  "virtual:queries": async () => Object.fromEntries(await textsOf(join(OVERVIEW, "queries"))),
};

const virtual = {
  name: "virtual",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: "virtual" }));
    onLoad({ filter: /.*/, namespace: "virtual" }, async ({ path }) => ({
      contents: JSON.stringify(await VIRTUAL[path]()),
      loader: "json",
    }));
  },
};

async function bundle(outdir, entryPoints, { define, plugins } = {}) {
  const result = await build({
    absWorkingDir: HERE,
    bundle: true,
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    define: { "process.env.NODE_ENV": '"production"', ...define },
    entryNames: "[name]-[hash]",
    entryPoints,
    format: "esm",
    jsx: "automatic",
    // GraphiQL derives the label of an icon, for screen readers, from the name of the icon's function.
    keepNames: true,
    legalComments: "none",
    loader: { ".ttf": "file" },
    logLevel: "warning",
    metafile: true,
    minify: true,
    // The overview's sources are outside this folder, and use the packages of this one.
    nodePaths: [join(HERE, "node_modules")],
    outdir,
    plugins,
    splitting: true,
    target: "es2022",
  });
  return result.metafile.outputs;
}

function outputOf(outputs, entry) {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry));
  if (!found) throw new Error(`the build wrote nothing for ${entry}`);
  return { script: basename(found[0]), style: found[1].cssBundle && basename(found[1].cssBundle) };
}

// A page's style file also contains the styles of the parts that load later; their own style files are unused.
async function removeStyles(outdir, kept) {
  const unused = (await readdir(outdir)).filter((name) => name.endsWith(".css") && !kept.includes(name));
  await Promise.all(unused.map((name) => rm(join(outdir, name))));
}

async function main(outdir) {
  const workers = await bundle(outdir, WORKERS);
  const files = Object.entries(WORKERS).map(([label, entry]) => [label, outputOf(workers, entry).script]);
  const page = await bundle(
    outdir,
    { graphiql: join(HERE, "src/main.jsx"), overview: join(OVERVIEW, "src/overview.jsx") },
    {
      define: { WORKER_FILES: JSON.stringify(Object.fromEntries(files)) },
      plugins: [titledTabs, virtual],
    },
  );
  const loaded = {
    graphiql: outputOf(page, "src/main.jsx"),
    overview: outputOf(page, "src/overview.jsx"),
  };
  await writeFile(join(outdir, "manifest.json"), JSON.stringify(loaded));
  await removeStyles(outdir, Object.values(loaded).map(({ style }) => style));
}

if (argv.length !== 3) {
  console.error("usage: node build.mjs OUTPUT");
  exit(2);
}
await main(argv[2]);
