// Bundles GraphiQL into the folder named by the first argument: hashed files, and manifest.json naming the two the
// page loads. Run it with `node build.mjs OUTPUT` beside an installed node_modules.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));

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

const examples = {
  name: "examples",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^virtual:examples$/ }, ({ path }) => ({ path, namespace: "examples" }));
    onLoad({ filter: /.*/, namespace: "examples" }, async () => {
      const folder = join(HERE, "examples");
      const names = (await readdir(folder)).filter((name) => name.endsWith(".graphql")).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
      return { contents: JSON.stringify(texts), loader: "json" };
    });
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

// The page's style file also contains the styles of the parts that load later; their own style files are unused.
async function removeStyles(outdir, kept) {
  const unused = (await readdir(outdir)).filter((name) => name.endsWith(".css") && name !== kept);
  await Promise.all(unused.map((name) => rm(join(outdir, name))));
}

async function main(outdir) {
  const workers = await bundle(outdir, WORKERS);
  const files = Object.entries(WORKERS).map(([label, entry]) => [label, outputOf(workers, entry).script]);
  const page = await bundle(
    outdir,
    { graphiql: "src/main.jsx" },
    {
      define: { WORKER_FILES: JSON.stringify(Object.fromEntries(files)) },
      plugins: [titledTabs, examples],
    },
  );
  const loaded = outputOf(page, "src/main.jsx");
  await writeFile(join(outdir, "manifest.json"), JSON.stringify(loaded));
  await removeStyles(outdir, loaded.style);
}

if (argv.length !== 3) {
  console.error("usage: node build.mjs OUTPUT");
  exit(2);
}
await main(argv[2]);
