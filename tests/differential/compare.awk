# Compares what the library showed with what .NET showed, scenario by scenario and step by step.
#
# variables  explained=FILE  the list of differences that are kept on purpose (differences.txt)
#            verdicts=FILE   gets "scenario<tab>identical|purpose|unexplained|lacking" for each scenario
#            used=FILE       gets the numbers of the lines of the list that were of use
#            first=1         only the first difference of a scenario counts: what follows may follow from it
#            title=TEXT      what is compared, for the messages
# arguments  role=theirs FILE  role=other FILE  role=ours FILE
#
# "other" is .NET's second asynchronous form: a step that shows what either form shows is identical.

# A text with * for anything, as a regular expression.
function pattern(glob)
{
    gsub(/[][\\.^$+?(){}|]/, "\\\\&", glob)
    gsub(/\*/, ".*", glob)
    return "^" glob "$"
}

function read_explained(    line, number, fields, count, when)
{
    while ((getline line < explained) > 0) {
        number++
        if (line ~ /^ *(#|$)/)
            continue
        count = split(line, fields, / \| /)
        if (count != 5) {
            printf "%s:%d: not SCENARIO | STEP | .NET | OURS | REASON\n", explained, number
            broken = 1
            continue
        }
        rows++
        row_line[rows] = number
        row_after[rows] = ""
        if (split(fields[1], when, / after /) == 2) {
            fields[1] = when[1]
            row_after[rows] = when[2]
        }
        row_scenario[rows] = pattern(fields[1])
        row_step[rows] = pattern(fields[2])
        row_theirs[rows] = pattern(fields[3])
        row_ours[rows] = pattern(fields[4])
    }
}

# Whether one of the scenario's first steps is such a one; ~ is what `step` is about.
function was_before(scenario, count, step, glob,    i, words)
{
    split(step, words, " ")
    gsub(/~/, words[2], glob)
    glob = pattern(glob)
    for (i = 1; i <= count; i++)
        if (text["ours", scenario, i] ~ glob)
            return 1
    return 0
}

# `number` is the step's own.
function is_explained(scenario, number, step, theirs, ours,    i)
{
    for (i = 1; i <= rows; i++) {
        if (scenario ~ row_scenario[i] && step ~ row_step[i] && theirs ~ row_theirs[i] && ours ~ row_ours[i] &&
            (row_after[i] == "" || was_before(scenario, number - 1, step, row_after[i]))) {
            if (used != "")
                print row_line[i] >> used
            return 1
        }
    }
    return 0
}

# "step => result" apart; a line without an arrow (hang) is all result.
function step_of(line)
{
    return index(line, " => ") ? substr(line, 1, index(line, " => ") - 1) : ""
}
function result_of(line)
{
    return index(line, " => ") ? substr(line, index(line, " => ") + 4) : line
}

# The verdict on one scenario. Behind a step where .NET hangs there is nothing to compare with.
function judge(name,    i, count, theirs, ours, verdict, hung)
{
    if (!((name) in lines_ours) || length_of["ours", name] + 0 == 0 && length_of["theirs", name] + 0 > 0)
        return complain(name, "", "something", "nothing was played")
    if (text["ours", name, 1] ~ /^lacking / || text["theirs", name, 1] ~ /^lacking /)
        return "lacking"
    verdict = "identical"
    count = length_of["theirs", name]
    if (length_of["ours", name] > count)
        count = length_of["ours", name]
    for (i = 1; i <= count; i++) {
        theirs = text["theirs", name, i]
        ours = text["ours", name, i]
        hung = result_of(theirs) == "hang"
        if (theirs != ours && ours != text["other", name, i]) {
            if (is_explained(name, i, step_of(ours), result_of(theirs), result_of(ours))) {
                if (verdict == "identical")
                    verdict = "purpose"
            } else {
                verdict = complain(name, step_of(ours) == "" ? step_of(theirs) : step_of(ours),
                                   result_of(theirs), result_of(ours))
            }
        }
        if (hung || first && verdict != "identical")
            break
    }
    return verdict
}

function complain(name, step, theirs, ours)
{
    printf "%s: %s: %s\n    .NET: %s\n    ours: %s\n", title, name, step, theirs, ours
    return "unexplained"
}

/^# / && role != "ours" { next }
/^== / {
    current = substr($0, 4)
    if (role == "theirs")
        order[++scenarios] = current
    if (role == "ours") {
        lines_ours[current] = 1
        played[++plays] = current
    }
    if (role == "theirs")
        known[current] = 1
    next
}
{ text[role, current, ++length_of[role, current]] = $0 }

END {
    read_explained()
    for (i = 1; i <= scenarios; i++) {
        verdict = judge(order[i])
        count[verdict]++
        if (verdicts != "")
            print order[i] "\t" verdict >> verdicts
    }
    for (i = 1; i <= plays; i++) {
        if (!(played[i] in known)) {
            count["unexplained"]++
            printf "%s: %s: no answer of .NET is recorded\n", title, played[i]
            if (verdicts != "")
                print played[i] "\tunexplained" >> verdicts
        }
    }
    printf "%s: %d scenarios, %d identical, %d different on purpose, %d unexplained, %d not possible here\n",
        title, scenarios, count["identical"], count["purpose"], count["unexplained"], count["lacking"]
    exit broken || count["unexplained"] > 0 || scenarios == 0
}
