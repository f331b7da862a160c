# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# .NET itself: Socket, TcpClient, UdpClient, NetworkStream and HttpClient. It is not in Debian.
peer .NET
needs dotnet dotnet-sdk-10.0

# Once for all its pairs.
prepare() {
    # A switch of the project's own is no environment of dotnet's.
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 INTEROP_DOTNET="$logs/dotnet"
    dotnet build -v q -c Release -o "$logs/dotnet/out" "$interop/dotnet/sockets.csproj"
}

seen() {
    dotnet --version
}

speak() {
    exec dotnet "$logs/dotnet/out/interop-sockets.dll" "$@"
}

# shellcheck source=tests/interop/sockets.sh
. "$interop/sockets.sh"

pair http_client client 'pages of http_fibers to HttpClient, over four connections'
http_client() {
    web server http_fibers 0
    (speak pages "$url" 200)
}
