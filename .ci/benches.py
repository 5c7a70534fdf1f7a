"""Whether the scripts of benches/ parse, and have what they take from each other: nothing else runs them but a person who measures."""

import ast
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent.parent / "benches"


def defined(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
    return names


def main() -> None:
    trees = {path.stem: ast.parse(path.read_text(), path.name) for path in sorted(FOLDER.glob("*.py"))}
    missing = [
        f"{script}.py: line {node.lineno}: {node.module}.py has no {alias.name}"
        for script, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in trees
        for alias in node.names
        if alias.name not in defined(trees[node.module])
    ]
    sys.exit("\n".join(missing) or None)


main()
