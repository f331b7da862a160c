// .NET's sockets, with the commands that sockets.sh names, and HttpClient.
using System.Net;
using System.Net.Sockets;
using System.Text;

const int Piece = 1 << 16;

Socket Listen()
{
    var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    listener.Listen(512);
    Console.WriteLine($"listening on {listener.LocalEndPoint}");
    return listener;
}

Socket Connect(string port)
{
    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    socket.Connect(IPAddress.Loopback, int.Parse(port));
    return socket;
}

// A close with this is a reset.
void Reset(Socket socket)
{
    socket.LingerState = new LingerOption(true, 0);
    socket.Close();
}

void Expect(bool holds, string sentence)
{
    if (!holds)
        throw new InvalidOperationException(sentence);
}

async Task Echo(Socket socket)
{
    var data = new byte[Piece];
    int size;
    while ((size = await socket.ReceiveAsync(data, SocketFlags.None)) > 0)
        for (int sent = 0; sent < size;)
            sent += await socket.SendAsync(data.AsMemory(sent, size - sent), SocketFlags.None);
    socket.Shutdown(SocketShutdown.Send);
    socket.Dispose();
}

async Task ServeEcho(int count)
{
    using var listener = Listen();
    var echoes = new List<Task>();
    while (echoes.Count < count)
        echoes.Add(Echo(await listener.AcceptAsync()));
    await Task.WhenAll(echoes);
}

async Task ServeLate(string path, string outPath)
{
    using var listener = Listen();
    using var stream = new NetworkStream(await listener.AcceptAsync(), true);
    await using (var file = File.Create(outPath))
        await stream.CopyToAsync(file);
    await stream.Socket.SendFileAsync(path);
    stream.Socket.Shutdown(SocketShutdown.Send);
}

void ServeReset()
{
    using var listener = Listen();
    var socket = listener.Accept();
    Expect(socket.Receive(new byte[1]) == 1, "a byte");
    Reset(socket);
}

void ServeDatagrams(int count)
{
    using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
    Console.WriteLine($"listening on {server.Client.LocalEndPoint}");
    for (int i = 0; i < count; i++)
    {
        IPEndPoint? peer = null;
        byte[] data = server.Receive(ref peer);
        server.Send(data, data.Length, peer);
    }
}

// Blocking, on two threads.
void Talk(string port, string path, string outPath)
{
    using var socket = Connect(port);
    var sender = new Thread(() =>
    {
        socket.SendFile(path);
        socket.Shutdown(SocketShutdown.Send);
    });
    sender.Start();
    using var file = File.Create(outPath);
    var data = new byte[Piece];
    int size;
    while ((size = socket.Receive(data)) > 0)
        file.Write(data, 0, size);
    sender.Join();
}

void ResetAfterAByte(string port)
{
    var socket = Connect(port);
    socket.Send("x"u8);
    Expect(socket.Receive(new byte[1]) == 1, "a byte");
    Reset(socket);
}

void AwaitReset(string port)
{
    using var socket = Connect(port);
    socket.Send("x"u8);
    Expect(socket.Receive(new byte[1]) == 1, "a byte");
    try
    {
        Expect(socket.Receive(new byte[1]) < 0, "no reset, but an end");
    }
    catch (SocketException exception)
    {
        Expect(exception.SocketErrorCode == SocketError.ConnectionReset, exception.SocketErrorCode.ToString());
    }
}

void Datagrams(string port, int count)
{
    using var client = new UdpClient("127.0.0.1", int.Parse(port));
    client.Client.ReceiveTimeout = 30000;
    for (int i = 0; i < count; i++)
    {
        var data = new byte[1 + (int)((long)i * 65506 / (count - 1))];
        Array.Fill(data, (byte)i);
        client.Send(data, data.Length);
        IPEndPoint? peer = null;
        Expect(client.Receive(ref peer).AsSpan().SequenceEqual(data), $"datagram {i}");
    }
}

async Task Many(string port, int count)
{
    var clients = new List<TcpClient>();
    while (clients.Count < count)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, int.Parse(port));
        clients.Add(client);
    }
    await Task.WhenAll(clients.Select(async (client, number) =>
    {
        byte[] line = Encoding.ASCII.GetBytes($"{number}\n");
        var back = new byte[line.Length];
        await client.GetStream().WriteAsync(line);
        await client.GetStream().ReadExactlyAsync(back);
        Expect(back.AsSpan().SequenceEqual(line), $"connection {number}");
    }));
    foreach (var client in clients)
    {
        var stream = client.GetStream(); // not to be had any more after the shutdown
        client.Client.Shutdown(SocketShutdown.Send);
        Expect(await stream.ReadAsync(new byte[1]) == 0, "an end");
        client.Dispose();
    }
}

// So many requests, four at a time.
async Task Pages(string url, int count)
{
    using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4, UseProxy = false });
    string[] pages = await Task.WhenAll(Enumerable.Range(0, count).Select(number => client.GetStringAsync($"{url}/page/{number}")));
    Expect(pages.All(page => page.Contains("<a href=\"/page/")), "a page");
    using var other = await client.GetAsync($"{url}/nowhere");
    Expect(other.StatusCode == HttpStatusCode.NotFound, "not found");
}

switch (args[0])
{
    case "serve-echo": await ServeEcho(int.Parse(args[1])); break;
    case "serve-late": await ServeLate(args[1], args[2]); break;
    case "serve-reset": ServeReset(); break;
    case "serve-datagrams": ServeDatagrams(int.Parse(args[1])); break;
    case "talk": Talk(args[1], args[2], args[3]); break;
    case "reset": ResetAfterAByte(args[1]); break;
    case "await-reset": AwaitReset(args[1]); break;
    case "datagrams": Datagrams(args[1], int.Parse(args[2])); break;
    case "many": await Many(args[1], int.Parse(args[2])); break;
    case "pages": await Pages(args[1], int.Parse(args[2])); break;
    default: return 2;
}
return 0;
