/* Search in an index that the page has loaded as a script: a page that was opened as a file may not fetch one. */
(function () {
    "use strict";
    const field = document.getElementById("search");
    const list = document.getElementById("found");
    const root = document.body.dataset.root;

    /* On a wide screen the contents stand beside the page; on a narrow one they open when asked. */
    const contents = document.querySelector(".contents");
    const wide = window.matchMedia("(min-width: 60rem)");
    const show = function () { contents.open = wide.matches; };
    wide.addEventListener("change", show);
    show();
    const here = contents.querySelector("[aria-current]");
    if (here && wide.matches) contents.scrollTop = here.offsetTop - contents.clientHeight / 2;

    /* How well a row fits all of the words: 0 is not at all. A name counts more than what is said about it. */
    function score(row, words) {
        const name = row[0].toLowerCase();
        const about = row[1].toLowerCase();
        let sum = 0;
        for (const word of words) {
            if (name === word) sum += 100;
            else if (name.startsWith(word)) sum += 40;
            else if (name.includes(word)) sum += 20;
            else if (about.includes(word)) sum += 5;
            else return 0;
        }
        return sum + 10 / (1 + name.length);
    }

    function search() {
        const words = field.value.toLowerCase().replace(/\(\)/g, "").split(/\s+/).filter(Boolean);
        const rows = !words.length ? [] : window.sennitIndex
            .map(function (row) { return [score(row, words), row]; })
            .filter(function (found) { return found[0] > 0; })
            .sort(function (a, b) { return b[0] - a[0]; })
            .slice(0, 20);
        list.replaceChildren();
        for (const [, row] of rows) {
            const item = document.createElement("li");
            const link = document.createElement("a");
            const about = document.createElement("span");
            link.href = root + row[2];
            link.textContent = row[0];
            about.textContent = row[1];
            item.append(link, " ", about);
            list.append(item);
        }
        if (words.length && !rows.length) {
            const item = document.createElement("li");
            item.textContent = "nothing found";
            list.append(item);
        }
        list.hidden = !words.length;
    }

    field.addEventListener("input", search);
    field.form.addEventListener("submit", function (event) {
        event.preventDefault();
        const first = list.querySelector("a");
        if (first) window.location = first.href;
    });
    document.addEventListener("keydown", function (event) {
        if (event.key === "/" && document.activeElement !== field) {
            event.preventDefault();
            field.focus();
        } else if (event.key === "Escape") {
            field.value = "";
            search();
            field.blur();
        }
    });
    list.addEventListener("click", function () { list.hidden = true; });
    search();
})();
