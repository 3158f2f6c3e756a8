#!/usr/bin/python3
"""A line that awaits builds nothing with braces, captures nothing, and chooses nothing.

GCC 12.2 miscompiles some temporaries in the full expression of a co_await: members are destroyed
twice. What is flagged: braced temporaries and lists, lambdas that capture by value, `?:`, builder
chains as arguments, statement expressions. The cure is always the same: do it on the line above,
with a name. Some harmless forms are flagged as well; a name improves them too. Empty braces are
not among these: `Args{}` and `{}` for an aggregate were seen to be destroyed twice as well.

A condition that is what is awaited, `if (co_await More())`, crashes: the coroutine is resumed after it
was freed. `if (auto x = co_await More(); x)` is fine.

Captures by reference and `this` are let through: they have no destructor. Also flagged is a
coroutine that is a capturing lambda: its captures die with the lambda, not with the coroutine.
"""

import re
import sys

from source import Finding, code_of, directives_of, main, our_files, without_directives

TOKEN = re.compile(r'\w+|::|->|""|\S')
CLOSER = {"(": ")", "[": "]", "{": "}"}
CONTROL = ("if", "while", "for", "switch", "constexpr")
# What stands before the brace of a block, and never before that of an initializer.
BEFORE_BLOCK = (";", "{", "}", ")", ":", "else", "do", "try", "const", "noexcept", "override",
                "mutable", "")
# Macros whose last argument is a full expression of its own, and how many stand before it.
MACROS = {"CO_TRY": 1, "CO_CHECK": 0}


class Tree:
    """The tokens of a file with their brackets matched."""

    def __init__(self, code):
        self.tokens, self.lines = [], []
        for number, line in enumerate(code.split("\n"), start=1):
            for token in TOKEN.findall(line):
                self.tokens.append(token)
                self.lines.append(number)
        self.mate, self.parent = {}, []
        self._match()

    def _match(self):
        open_brackets = []
        for i, token in enumerate(self.tokens):
            if token in CLOSER.values() and open_brackets:
                opener = open_brackets.pop()
                self.mate[opener], self.mate[i] = i, opener
            self.parent.append(open_brackets[-1] if open_brackets else -1)
            if token in CLOSER:
                open_brackets.append(i)
        for opener in open_brackets:
            self.mate[opener] = len(self.tokens)

    def before(self, i):
        return self.tokens[i - 1] if i > 0 else ""

    def children(self, start, end):
        """Yields the tokens of [start, end) that are not inside brackets opened there."""
        i = start
        while i < end:
            yield i
            i = self.mate[i] if self.tokens[i] in CLOSER else i
            i += 1

    def is_block(self, brace):
        if self.before(brace) == ":" and self._in_control(brace):
            return False  # for (auto x : {…
        if self.before(brace) in BEFORE_BLOCK:
            return True
        inside = self.children(brace + 1, self.mate[brace])
        return self.is_lambda_body(brace) or any(self.tokens[i] == ";" for i in inside)

    def lambda_introducer(self, brace):
        """The `[` of the lambda whose body begins here, or None."""
        i = brace - 1
        while i >= 0 and self.tokens[i] not in ("]", ";", "{", "}"):
            if self.tokens[i] == "(" or (self.tokens[i] == "=" and self.before(i) != "="):
                return None
            i = self.mate.get(i, 0) if self.tokens[i] == ")" else i
            i -= 1
        opens = self.mate.get(i) if i >= 0 and self.tokens[i] == "]" else None
        return opens if opens is not None and self.is_lambda(opens) else None

    def is_lambda_body(self, brace):
        return self.lambda_introducer(brace) is not None

    def is_lambda(self, bracket):
        """Neither a subscript, nor an attribute, nor a structured binding."""
        before = self.before(bracket)
        if before in ("]", ")", "[", "auto") or self.tokens[bracket + 1] == "[":
            return False
        if before == "&" and self.tokens[max(bracket - 2, 0)] in ("auto", "&"):
            return False
        return not re.fullmatch(r"\w+", before) or before in ("return", "co_return", "co_await")

    def _in_control(self, i):
        parent = self.parent[i]
        return parent >= 0 and self.tokens[parent] == "(" and self.is_control(parent)

    def is_control(self, paren):
        return self.before(paren) in CONTROL

    def full_expression(self, i):
        """(start, end) of the full expression, or more, that token i stands in."""
        while True:
            parent = self.parent[i]
            if parent < 0 or self.tokens[parent] == "{" and self.is_block(parent):
                break
            if self.tokens[parent] == "(" and self.is_control(parent):
                break
            if self.tokens[parent] == "(" and self.before(parent) in MACROS:
                return self._last_argument(parent, MACROS[self.before(parent)])
            i = parent
        return self._start(i, self.parent[i]), self._end(i, self.parent[i])

    def _last_argument(self, paren, skipped):
        end = self.mate[paren]
        commas = [i for i in self.children(paren + 1, end) if self.tokens[i] == ","]
        return ([paren] + commas)[min(skipped, len(commas))] + 1, end

    def _start(self, i, parent):
        start = parent + 1
        for k in self.children(parent + 1, i):
            token = self.tokens[k]
            if token in (";", "else", "do"):
                start = k + 1
            elif token == "(" and self.is_control(k):
                start = self.mate[k] + 1
            elif token == "{" and self.is_block(k) and not self.is_lambda_body(k):
                start = self.mate[k] + 1
        return start

    def _end(self, i, parent):
        end = self.mate[parent] if parent >= 0 else len(self.tokens)
        return next((k for k in self.children(i, end) if self.tokens[k] == ";"), end)


def check(text):
    """Yields (line, what) for a file."""
    code = code_of(text)
    for line, directive in directives_of(code):
        if re.search(r"\(\s*\{", directive):
            yield line, "a statement expression in a macro: make it a statement, as CO_TRY is"
    tree = Tree(without_directives(code))
    seen = set()
    for i, token in enumerate(tree.tokens):
        if token not in ("co_await", "co_return", "co_yield"):
            continue
        yield from _check_function(tree, i)
        if token == "co_await" and _is_bare_condition(tree, i):
            yield tree.lines[i], "a condition that awaits: name its answer on the line above"
        expression = tree.full_expression(i)
        if token != "co_await" or expression in seen:
            continue
        seen.add(expression)
        yield from _check_expression(tree, *expression)


def _is_bare_condition(tree, i):
    """Whether an `if` or `while` awaits in its condition without naming the answer there."""
    paren = tree.parent[i]
    while paren >= 0 and tree.tokens[paren] == "(" and not tree.is_control(paren):
        paren = tree.parent[paren]
    if paren < 0 or tree.tokens[paren] != "(" or tree.before(paren) not in ("if", "while"):
        return False
    return all(tree.tokens[k] != "=" for k in tree.children(paren + 1, tree.mate[paren]))


def _check_function(tree, i):
    """A co_… inside a capturing lambda's body or a statement expression."""
    brace = tree.parent[i]
    while brace >= 0:
        if tree.tokens[brace] == "{":
            if tree.before(brace) == "(" and tree.is_block(brace):
                yield tree.lines[i], "co_await in a statement expression: use a statement macro"
            introducer = tree.lambda_introducer(brace)
            if introducer is not None:
                if tree.mate[introducer] > introducer + 1:
                    yield tree.lines[i], "a capturing lambda is a coroutine: make it a function"
                return
        brace = tree.parent[brace]


def _check_expression(tree, start, end):
    i = start
    while i < end:
        token, line = tree.tokens[i], tree.lines[i]
        if token == "?":
            yield line, "?: beside co_await: use if"
        elif token == "[" and tree.is_lambda(i) and _captures_by_value(tree, i):
            yield line, "a lambda that captures by value beside co_await: name it on the line above"
        elif token == "{" and tree.is_block(i):
            i = tree.mate[i]  # a lambda's body, or the branch of a macro: expressions of its own
        elif token == "{":
            yield line, "braces beside co_await: build it on the line above and give it a name"
        elif token == "." and _is_builder_chain(tree, i, start):
            yield line, "a builder chain beside co_await: name the built value on the line above"
        i += 1


def _captures_by_value(tree, bracket):
    captures, begins = [], True
    for i in tree.children(bracket + 1, tree.mate[bracket]):
        if begins:
            captures.append(tree.tokens[i])
        begins = tree.tokens[i] == ","
    return any(capture not in ("&", "this") for capture in captures)


def _is_builder_chain(tree, dot, start):
    """Whether `.` calls a method of what a function or constructor just made, as an argument."""
    if tree.before(dot) != ")" or dot + 2 >= len(tree.tokens) or tree.tokens[dot + 2] != "(":
        return False
    parent = tree.parent[dot]
    if parent < start or tree.tokens[parent] != "(":
        return False
    name = tree.mate[dot - 1] - 1
    qualified = tree.before(name) == "::"
    if tree.before(name) in (".", "->"):
        return False
    moved = qualified and tree.tokens[name] in ("move", "forward")
    return re.fullmatch(r"\w+|>", tree.tokens[name]) is not None and not moved


def check_tree(root):
    for path in our_files(root):
        text = (root / path).read_text(encoding="utf-8")
        for line, what in check(text):
            yield Finding(str(path), line, what)


if __name__ == "__main__":
    sys.exit(main(check_tree))
