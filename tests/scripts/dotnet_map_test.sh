#!/bin/sh
# scripts/dotnet-map finds what is unanswered, untested, not exported or numbered differently.
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

# A small project in which everything is as it should be.
good_tree() {
    new_tree
    mkdir -p "$tree/scripts"
    cp "$PROJECT/scripts/dotnet-map.awk" "$tree/scripts/"
    file docs/dotnet-members.tsv <<TEXT
type	kind	member	value	platform	status	note
Thing	constructor	Thing(int size)		any	current	
Thing	property	int Size { get; set; }		any	current	
Thing	method	void Send(byte[] data, int count)		any	current	
Thing	method	void Send(byte[] data)		any	current	
Thing	method	void Finalize()		any	current	
Colour	enum-value	Red	1	any	current	
Colour	enum-value	Blue	16	any	current	
TEXT
    file include/sennit/thing.h <<TEXT
/** @dotnet Colour */
#define SN_COLOUR_TABLE(X)    \\
    X(RED, 1, "Red")          \\
    X(BLUE, 0x10, "Blue")

/** Which one. */
typedef enum sn_colour {
#define X(id, number, name) SN_COLOUR_##id = number,
    SN_COLOUR_TABLE(X)
#undef X
} sn_colour;

/* --- Making ---------------------------------------------------------------------------------- */

/**
 * Makes a thing.
 * @dotnet  Thing(int size)
 */
SN_API sn_thing *sn_thing_create(int size);
/** @since 0.1 @dotnet Thing.Size */
SN_API int sn_thing_get_size(const sn_thing *thing);

/**
 * Sends.
 * @since   0.1
 * @dotnet  Thing.Send(byte[], int) and its overloads
 */
SN_API void sn_thing_send(sn_thing *thing, const void *data,
                          int count);
TEXT
    file scripts/dotnet-not-applicable <<TEXT
# why
*.Finalize   garbage collection
TEXT
    file tests/unit/thing_test.c <<TEXT
sn_thing_create(SN_COLOUR_RED) sn_thing_get_size() sn_thing_send() SN_COLOUR_TABLE(X)
TEXT
}

# With a last line put in its place, the file as it is otherwise.
replaced() {
    sed "$2" "$tree/$1" >"$tree/replaced"
    mv "$tree/replaced" "$tree/$1"
}

good_tree
passes 'a member is answered by a function, by a table or by a reason' dotnet-map
grep -q '^implemented 6 of 7, not applicable 1' "$tree/docs/dotnet-map.md" ||
    { output=$(cat "$tree/docs/dotnet-map.md"); wrong 'the map says how many are answered'; }
# shellcheck disable=SC2016
grep -q '`void Send(byte\[\] data)` | `sn_thing_send` | tests/unit/thing_test.c' "$tree/docs/dotnet-map.md" ||
    { output=$(cat "$tree/docs/dotnet-map.md"); wrong 'the map names the function and the test of an overload'; }

# What stands in .NET twice: SocketTaskExtensions repeats Socket.
good_tree
printf 'SocketTaskExtensions\tmethod\tstatic void Send(this Socket socket, byte[] data)\t\tany\tcurrent\t\n' \
    >>"$tree/docs/dotnet-members.tsv"
replaced include/sennit/thing.h 's/Thing.Send(byte\[\], int) and its overloads/&, Socket.Send(byte[])/'
passes 'an extension method is answered by what answers the member that it repeats' dotnet-map
replaced include/sennit/thing.h 's/, Socket.Send(byte\[\])//'
fails 'an extension method of an unanswered member is unanswered' 'Socket.Send(byte[]): unanswered' dotnet-map

good_tree
echo '/** @dotnet Thing.Size */' >>"$tree/include/sennit/thing.h"
echo 'SN_API extern const int SN_SIZE;' >>"$tree/include/sennit/thing.h"
fails 'exported data answers a member, and must be tested' 'SN_SIZE: no test uses it (Thing.Size)' dotnet-map

good_tree
replaced include/sennit/thing.h 's/Thing.Size/Thing.Length/'
fails 'a member that nobody names is unanswered' 'Thing.Size: unanswered' dotnet-map

good_tree
replaced include/sennit/thing.h 's/0x10/0x11/'
fails 'a number must be that of .NET' 'Colour.Blue: is 16 in .NET, and 17 here' dotnet-map

good_tree
replaced tests/unit/thing_test.c 's/sn_thing_send()//'
fails 'a function must be tested' 'sn_thing_send: no test uses it' dotnet-map

good_tree
replaced tests/unit/thing_test.c 's/SN_COLOUR_TABLE(X)//'
fails 'a constant must be tested, by its name or by its table' 'SN_COLOUR_BLUE: no test uses it' dotnet-map

good_tree
echo 'Thing.Gone   it was never there' >>"$tree/scripts/dotnet-not-applicable"
fails 'a reason must excuse something' 'Thing.Gone excuses nothing' dotnet-map

good_tree
echo 'Thing.Finalize' >>"$tree/scripts/dotnet-not-applicable"
fails 'an exception needs a reason' 'gives no reason' dotnet-map

# The tree's script is not run, so the library is built from a file beside it.
good_tree
file library.c <<TEXT
void sn_thing_create(void) {}
void sn_thing_get_size(void) {}
TEXT
# shellcheck disable=SC2086
${CC:-cc} -shared -fPIC -o "$tree/library.so" "$tree/library.c"
fails 'a function must be exported' 'sn_thing_send is not exported' dotnet-map "$tree/library.so"
echo 'void sn_thing_send(void) {}' >>"$tree/library.c"
# shellcheck disable=SC2086
${CC:-cc} -shared -fPIC -o "$tree/library.so" "$tree/library.c"
passes 'a library that exports every function' dotnet-map "$tree/library.so"

finish
