# The work of scripts/dotnet-map: reads the reasons, the headers, then the members; see there.
#
# A member has a key, Type.Member, and a signature, Type.Member(type,type). Headers name either; a
# signature answers its overload, and any function that names the member answers the overloads that
# nobody names, since overloads become one function here.

BEGIN {
    # Members that stand in .NET twice: extension methods from before Socket had its own, and an
    # enumeration with the same names and numbers that no member uses.
    repeats["SocketTaskExtensions"] = "Socket"
    repeats["ProtocolFamily"] = "AddressFamily"
    tests_read()
    while ((getline line < exported) > 0) is_exported[line] = 1
}

function complain(text) { print text; broken = 1 }

# Decimal or hexadecimal.
function number_from(text,    i, number) {
    if (text !~ /^0x/) return text + 0
    number = 0
    for (i = 3; i <= length(text); i++) number = number * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
    return number
}

function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }

# Splits at the commas that stand outside brackets of any kind.
function split_outside(text, into,    i, letter, depth, count, part) {
    count = 0; part = ""; depth = 0
    for (i = 1; i <= length(text); i++) {
        letter = substr(text, i, 1)
        if (letter ~ /[(<\[{]/) depth++
        if (letter ~ /[)>\]}]/) depth--
        if (letter == "," && depth <= 0) { into[++count] = trim(part); part = "" }
        else part = part letter
    }
    if (trim(part) != "") into[++count] = trim(part)
    return count
}

# "ref EndPoint remoteEP = default" -> "EndPoint"
function type_of(parameter) {
    sub(/ *=.*/, "", parameter)
    while (sub(/^(this|ref|out|in|params) +/, "", parameter)) ;
    sub(/ +[A-Za-z_0-9]+$/, "", parameter)
    gsub(/[ ?]/, "", parameter)
    sub(/^nint$/, "IntPtr", parameter)
    return parameter
}

function types_of(parameters,    part, count, i, list) {
    list = ""
    count = split_outside(parameters, part)
    for (i = 1; i <= count; i++) list = list (i > 1 ? "," : "") type_of(part[i])
    return list
}

# --- The words of the tests -----------------------------------------------------------------------

function tests_read(    line, part) {
    while ((getline line < words) > 0) {
        split(line, part, " ")
        files_of[part[1]] = files_of[part[1]] " " part[2]
    }
}

# The test whose file name fits the function's name best; else the first that uses it.
function best_test(word, name,    file, count, i, stem, score, best, best_score) {
    count = split(files_of[word], file, " ")
    best = ""; best_score = -1
    for (i = 1; i <= count; i++) {
        stem = file[i]
        sub(/.*\//, "", stem)
        sub(/(_test)?\.[ch]$/, "", stem)
        score = index(name, stem) ? length(stem) : 0
        if (score > best_score) { best = file[i]; best_score = score }
    }
    return best
}

# Many verbs are tested through do_..., which calls them in each style of calling.
function test_of(name,    test, verb) {
    if (name in test_cache) return test_cache[name]
    verb = name
    sub(/_async$/, "", verb)
    test = sub(/^sn_socket_/, "do_", verb) ? best_test(verb, name) : ""
    if (test == "" || test ~ /support\//) test = best_test(name, name) ? best_test(name, name) : test
    return test_cache[name] = test
}

# --- Reasons: a pattern of keys or signatures, and why --------------------------------------------

FILENAME ~ /dotnet-not-applicable$/ {
    if ($0 ~ /^#/ || NF == 0) next
    pattern[++pattern_count] = $1
    why = $0
    sub(/^[^ \t]+[ \t]+/, "", why)
    reason[pattern_count] = why
    if (why == $1) complain(FILENAME ":" FNR ": " $1 " gives no reason")
    next
}

# In a pattern only * is special.
function matches(text, glob,    head) {
    while (glob != "") {
        if (substr(glob, 1, 1) == "*") {
            glob = substr(glob, 2)
            if (glob == "") return 1
            for (; text != ""; text = substr(text, 2)) if (matches(text, glob)) return 1
            return 0
        }
        if (substr(glob, 1, 1) != substr(text, 1, 1)) return 0
        glob = substr(glob, 2)
        text = substr(text, 2)
    }
    return text == ""
}

# The number of the pattern that fits; 0: none.
function reason_of(key, signature,    i) {
    for (i = 1; i <= pattern_count; i++)
        if (matches(key, pattern[i]) || matches(signature, pattern[i])) return i
    return 0
}

# --- Headers: a comment with @dotnet, then what it stands on --------------------------------------

function add(list, name) { return index(" " list " ", " " name " ") ? list : trim(list " " name) }

# One item of a @dotnet line, such as "Socket.Send(byte[])", "IPEndPoint.Port { get; }", "SocketType".
function note_item(item, name,    key, parameters, wild) {
    key = item
    sub(/ *\{.*/, "", key)
    wild = key ~ / and the other [A-Za-z]+ members$/
    if (wild) {
        wild = key
        gsub(/.* and the other | members$/, "", wild)
        sub(/\..*/, "", key)
        wildcard[++wildcard_count] = key "." wild "*"
        wildcard_name[wildcard_count] = name
    }
    parameters = ""
    if (match(item, /\(/)) {
        parameters = substr(item, RSTART + 1)
        sub(/\)[^)]*$/, "", parameters)
        key = substr(item, 1, RSTART - 1)
    }
    sub(/ .*/, "", key)
    sub(/\[.*/, "", key)
    if (key !~ /^[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)?$/) return
    if (key !~ /\./) {
        if (item ~ /\(/ && item !~ /their|its/) key = key ".constructor"
        else { type_item = type_item " " key; return }
    }
    by_key[key] = add(by_key[key], name)
    if (item ~ /\(/)
        by_signature[key "(" types_of(parameters) ")"] = add(by_signature[key "(" types_of(parameters) ")"], name)
}

# Every item of the waiting @dotnet text belongs to this declaration too.
function attach(name,    item, count, i) {
    type_item = ""
    if (dotnet == "" || dotnet ~ /^none/) return
    count = split_outside(dotnet, item)
    for (i = 1; i <= count; i++) note_item(item[i], name)
}

function finish_comment(    text) {
    dotnet = ""
    if (!match(comment, /@dotnet/)) return
    text = substr(comment, RSTART + 7)
    sub(/@[a-z].*/, "", text)
    gsub(/[ \t]+/, " ", text)
    gsub(/ and their overloads| and its overloads/, "", text)
    dotnet = trim(text)
}

function snake(name) {
    while (match(name, /[a-z0-9][A-Z]/))
        name = substr(name, 1, RSTART) "_" substr(name, RSTART + 1)
    return tolower(name)
}

# A field answers the property that its comment names, or whose name it has.
function note_field(line,    field, comment_text) {
    comment_text = line
    if (sub(/.*\/\*/, "", comment_text))
        while (match(comment_text, /[A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+/)) {
            by_key[substr(comment_text, RSTART, RLENGTH)] = add(by_key[substr(comment_text, RSTART, RLENGTH)], struct_name)
            comment_text = substr(comment_text, RSTART + RLENGTH)
        }
    field = line
    sub(/[;[].*/, "", field)
    sub(/.*[ *]/, "", field)
    if (field != "") field_of[struct_types, field] = struct_name
}

FILENAME ~ /\.h$/ {
    if (FNR == 1) { in_comment = in_plain_comment = in_struct = in_enum = 0; dotnet = comment = ""; statement = "" }

    if (in_comment || $0 ~ /^[ \t]*\/\*\*/) {
        text = $0
        ends = sub(/\*\/.*/, "", text)
        sub(/^[ \t]*\/?\*+/, "", text)
        comment = (in_comment ? comment : "") " " text
        if (!(in_comment = !ends)) finish_comment()
        next
    }
    if (in_plain_comment || $0 ~ /^\/\*/) { in_plain_comment = $0 !~ /\*\//; next }
    if ($0 == "") { if (statement == "") dotnet = ""; next }

    # A table: X(ID, number, "Name"), and later the prefix of its constants.
    if (match($0, /^#define SN_[A-Z0-9_]+_TABLE\(X\)/)) {
        table = substr($0, 9, RLENGTH - 11)
        enum_type[table] = dotnet
        table_of[dotnet] = table
        in_table = 1
        next
    }
    if (in_table && match($0, /X\([A-Z0-9_]+, *-?[0-9][0-9xA-Fa-f]*, *"[^"]+"/)) {
        split(substr($0, RSTART + 2, RLENGTH - 2), cell, /, */)
        gsub(/"/, "", cell[3])
        number = number_from(cell[2])
        number_of[enum_type[table], cell[3]] = number
        id_of[enum_type[table], cell[3]] = cell[1]
        if (!((enum_type[table], number) in name_by_number)) name_by_number[enum_type[table], number] = cell[3]
    }
    if (in_table) { if ($0 !~ /\\$/) { in_table = 0; dotnet = "" } next }
    if (match($0, /^#define X\(id.*\) SN_[A-Z0-9_]*##id/)) {
        prefix = $0
        sub(/^.*\) /, "", prefix)
        sub(/##id.*/, "", prefix)
        next
    }
    if (match($0, /^ *SN_[A-Z0-9_]+_TABLE\(X\)/)) {
        table = trim(substr($0, RSTART, RLENGTH - 3))
        prefix_of[enum_type[table]] = prefix
        enum_name = enum_type[table]
        next
    }

    if (statement == "" && $0 ~ /^(typedef )?enum .*\{|^enum \{/) { in_enum = 1; enum_name = dotnet; enum_count = 0; next }
    if (in_enum) {
        if ($0 ~ /^\}/) {
            for (i = 1; i <= enum_count; i++)
                if (!((enum_name, enum_number[i]) in constant_by_number))
                    constant_by_number[enum_name, enum_number[i]] = enum_constant[i]
            in_enum = 0; dotnet = ""
        } else if (match($0, /SN_[A-Z0-9_]+ *= *-?[0-9]+/)) {
            split(substr($0, RSTART, RLENGTH), cell, / *= */)
            enum_constant[++enum_count] = cell[1]
            enum_number[enum_count] = cell[2] + 0
        }
        next
    }
    if (statement == "" && $0 ~ /^(typedef )?struct [a-z0-9_]+ \{/) {
        struct_name = $0
        sub(/^(typedef )?struct /, "", struct_name)
        sub(/ .*/, "", struct_name)
        attach(struct_name)
        struct_types = trim(type_item)
        if (struct_types != "") record_of[struct_types] = struct_name
        in_struct = 1; dotnet = ""
        next
    }
    if (in_struct) { if ($0 ~ /^\}/) in_struct = 0; else note_field($0); next }

    if (match($0, /^#define SN_[A-Z0-9_]+/)) { attach(substr($0, 9, RLENGTH - 8)); next }
    if ($0 ~ /^#/ || $0 ~ /^extern "C"/ || $0 ~ /^\}/) next
    statement = statement " " $0
    if ($0 !~ /;$/) next
    if (match(statement, /sn_[a-z0-9_]+ *\(/) || match(statement, /SN_[A-Z0-9_]+ *[=;]/)) {
        name = substr(statement, RSTART, RLENGTH)
        if (sub(/ *\(/, "", name)) is_function[name] = 1
        sub(/ *[=;]/, "", name)
        attach(name)
    } else if (match(statement, /typedef struct [a-z0-9_]+/)) {
        name = substr(statement, RSTART + 15, RLENGTH - 15)
        attach(name)
        if (trim(type_item) != "" && dotnet != "") record_of[trim(type_item)] = name
    }
    statement = ""
    next
}

# --- Members --------------------------------------------------------------------------------------

FILENAME ~ /\.tsv$/ && FNR == 1 { FS = "\t"; next }

FILENAME ~ /\.tsv$/ {
    split($0, cell, "\t")
    type = cell[1]; kind = cell[2]; member = cell[3]; value = cell[4]
    total++
    asked = type in repeats ? repeats[type] : type
    if (kind == "enum-value") answer = answer_enum(asked, member, value + 0)
    else answer = answer_member(asked, kind, member)
    write_row(type, member, answer)
}

function answer_enum(type, member, number) {
    key = type "." member
    signature = key
    if ((type, member) in number_of) {
        if (number_of[type, member] != number)
            complain(key ": is " number " in .NET, and " number_of[type, member] " here")
        if (type in prefix_of) return prefix_of[type] id_of[type, member]
        return table_of[type]
    }
    if ((type, number) in constant_by_number) return constant_by_number[type, number]
    if ((type, number) in name_by_number) return prefix_of[type] id_of[type, name_by_number[type, number]]
    return ""
}

# Sets key and signature. "static int Foo(int a, out b c)" -> T.Foo and T.Foo(int,b)
function parse_member(type, kind, member,    parameters, name) {
    if (kind == "property" || kind == "event" || kind == "field") {
        name = member
        sub(/ *\{.*/, "", name)
        if (name ~ / this\[/) name = "this"
        sub(/.* /, "", name)
        key = signature = type "." name
        return
    }
    sub(/\(this [A-Za-z]+ [a-z]+(, )?/, "(", member)
    parameters = member
    sub(/^[^(]*\(/, "", parameters)
    sub(/\)[^)]*$/, "", parameters)
    name = member
    sub(/\(.*/, "", name)
    if (kind == "operator") sub(/.*operator /, "operator", name)
    sub(/.* /, "", name)
    key = type "." (kind == "constructor" ? "constructor" : name)
    signature = key "(" types_of(parameters) ")"
}

# A reason that names an overload goes before the functions of the other overloads.
function answer_member(type, kind, member,    i, field) {
    parse_member(type, kind, member)
    if (signature in by_signature) return by_signature[signature]
    if (reason_of(key, signature)) return ""
    if (key in by_key) return by_key[key]
    if (kind == "operator" && (type ".Equals") in by_key) return by_key[type ".Equals"]
    for (i = 1; i <= wildcard_count; i++) if (matches(key, wildcard[i])) return wildcard_name[i]
    if (type in record_of) {
        field = key
        sub(/^.*\./, "", field)
        if (kind == "constructor") return record_of[type]
        field = snake(field)
        if ((type, field) in field_of) return record_of[type]
        for (i in field_of) if (index(i, type SUBSEP field "_") == 1) return record_of[type]
    }
    return ""
}

# The test of the first answer that has one, and a complaint for each that has none.
function tests_of(answer, type,    name, count, i, test, first) {
    count = split(answer, name, " ")
    first = ""
    for (i = 1; i <= count; i++) {
        if (library != "" && name[i] in is_function && !(name[i] in is_exported))
            complain(key ": " name[i] " is not exported")
        test = test_of(name[i])
        if (test == "" && type in table_of) test = test_of(table_of[type])
        if (test == "") { if (!(name[i] in untested)) { untested[name[i]] = 1; complain(name[i] ": no test uses it (" key ")") } }
        else if (first == "") first = test
    }
    return first
}

function shown(text) { gsub(/\|/, "\\|", text); return "`" text "`" }

function write_row(type, member, answer,    number, test) {
    if (type != last_type) {
        rows = rows "\n## " type "\n\n| Member | Here | Test |\n|---|---|---|\n"
        last_type = type
    }
    if (answer != "") {
        implemented++
        test = tests_of(answer, type in repeats ? repeats[type] : type)
        gsub(/ /, "`, `", answer)
        rows = rows "| " shown(member) " | `" answer "` | " test " |\n"
        return
    }
    number = reason_of(key, signature)
    if (number) {
        used[number]++
        not_applicable++
        rows = rows "| " shown(member) " | " reason[number] " | |\n"
        return
    }
    complain(signature ": unanswered")
    rows = rows "| " shown(member) " | **unanswered** | |\n"
}

END {
    for (i = 1; i <= pattern_count; i++)
        if (!used[i]) complain("scripts/dotnet-not-applicable: " pattern[i] " excuses nothing")
    summary = "implemented " implemented + 0 " of " total ", not applicable " not_applicable + 0
    printf "# .NET's members in C\n\nMade by `scripts/dotnet-map` from the `@dotnet` lines of the public headers; do not edit.\n" \
           "Members: [dotnet-members.tsv](dotnet-members.tsv).\n\n%s.\n\n", summary > map
    printf "%s", rows > map
    print summary " (each with its reason)"
    for (i = 1; i <= pattern_count; i++) by_reason[reason[i]] += used[i]
    for (i = 1; i <= pattern_count; i++)
        if (by_reason[reason[i]]) { printf "  %4d  %s\n", by_reason[reason[i]], reason[i]; by_reason[reason[i]] = 0 }
    exit broken
}
