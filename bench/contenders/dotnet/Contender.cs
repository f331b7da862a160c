// .NET as its documentation recommends. "await": the methods of Socket that take Memory and return a
// ValueTask, which allocate nothing once a socket is warm ("Use Sockets to send and receive data over
// TCP"). "args": SocketAsyncEventArgs, reused for every operation of a connection, as the example of
// that class is written. "blocking": a thread for each connection. Several answers are sent as a
// list of segments by one call; a file by SendFileAsync.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Contender;

static class Program
{
    static int messageSize, bufferSize;
    static string file;

    static async Task<int> Main(string[] words)
    {
        if (words.Length < 5)
        {
            Console.Error.WriteLine("usage: contender STYLE SERVICE PORT SIZE BUFFER [FILE]");
            return 2;
        }
        int port = int.Parse(words[2]);
        messageSize = int.Parse(words[3]);
        bufferSize = int.Parse(words[4]);
        file = words.Length > 5 ? words[5] : null;
        switch (words[0] + " " + words[1])
        {
            case "await echo": await Accept(port, Echo); break;
            case "await pipeline": await Accept(port, Pipeline); break;
            case "await file": await Accept(port, SendFile); break;
            case "await datagram": await Datagrams(port); break;
            case "args echo": await Accept(port, EchoWithArgs); break;
            case "blocking echo": Block(port); break;
            default: Console.WriteLine("unable it has no calls for this"); break;
        }
        return 1;
    }

    static void Announce(Socket socket)
    {
        Console.WriteLine($"port {((IPEndPoint)socket.LocalEndPoint).Port} .NET {Environment.Version}");
    }

    static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        Announce(listener);
        return listener;
    }

    static async Task Accept(int port, Func<Socket, Task> talk)
    {
        using Socket listener = Listen(port);
        for (;;)
        {
            Socket socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = Guard(socket, talk);
        }
    }

    // A connection ends at its first error.
    static async Task Guard(Socket socket, Func<Socket, Task> talk)
    {
        try
        {
            await talk(socket);
        }
        catch (SocketException)
        {
        }
        finally
        {
            if (talk != EchoWithArgs)
                socket.Dispose();
        }
    }

    static async Task Echo(Socket socket)
    {
        byte[] buffer = new byte[bufferSize];
        int received;
        while ((received = await socket.ReceiveAsync(buffer.AsMemory())) > 0)
        {
            for (int sent = 0; sent < received;)
                sent += await socket.SendAsync(buffer.AsMemory(sent, received - sent));
        }
    }

    static async Task Pipeline(Socket socket)
    {
        byte[] buffer = new byte[bufferSize];
        var answers = new List<ArraySegment<byte>>();
        int filled = 0, received;
        while ((received = await socket.ReceiveAsync(buffer.AsMemory(filled))) > 0)
        {
            filled += received;
            int whole = filled - filled % messageSize;
            for (int sent = 0; sent < whole;)
            {
                answers.Clear();
                int first = (whole - sent) % messageSize;
                if (first > 0)
                    answers.Add(new ArraySegment<byte>(buffer, sent, first));
                for (int at = sent + first; at < whole; at += messageSize)
                    answers.Add(new ArraySegment<byte>(buffer, at, messageSize));
                sent += await socket.SendAsync(answers, SocketFlags.None);
            }
            filled -= whole;
            buffer.AsSpan(whole, filled).CopyTo(buffer);
        }
    }

    static async Task SendFile(Socket socket)
    {
        byte[] request = new byte[messageSize];
        int filled = 0, received;
        while ((received = await socket.ReceiveAsync(request.AsMemory(filled))) > 0)
        {
            filled = (filled + received) % messageSize;
            if (filled == 0)
                await socket.SendFileAsync(file);
        }
    }

    static async Task Datagrams(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        Announce(socket);
        byte[] buffer = new byte[bufferSize];
        // A SocketAddress is written over, where an EndPoint would be made for each datagram.
        var peer = new SocketAddress(AddressFamily.InterNetwork);
        for (;;)
        {
            int received = await socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, peer);
            await socket.SendToAsync(buffer.AsMemory(0, received), SocketFlags.None, peer);
        }
    }

    // --- SocketAsyncEventArgs ---

    static Task EchoWithArgs(Socket socket)
    {
        var args = new SocketAsyncEventArgs { UserToken = socket };
        args.SetBuffer(new byte[bufferSize], 0, bufferSize);
        args.Completed += (_, done) => GoOn(done);
        if (!socket.ReceiveAsync(args))
            GoOn(args);
        return Task.CompletedTask;
    }

    // As long as operations complete at once, without a callback.
    static void GoOn(SocketAsyncEventArgs args)
    {
        var socket = (Socket)args.UserToken;
        bool isPending = false;
        while (!isPending)
        {
            if (args.SocketError != SocketError.Success || args.BytesTransferred == 0)
            {
                socket.Dispose();
                args.Dispose();
                return;
            }
            if (args.LastOperation == SocketAsyncOperation.Receive)
            {
                args.SetBuffer(0, args.BytesTransferred);
                isPending = socket.SendAsync(args);
            }
            else
            {
                args.SetBuffer(0, bufferSize);
                isPending = socket.ReceiveAsync(args);
            }
        }
    }

    // --- Blocking ---

    static void Block(int port)
    {
        using Socket listener = Listen(port);
        for (;;)
        {
            Socket socket = listener.Accept();
            socket.NoDelay = true;
            new Thread(() => Talk(socket)) { IsBackground = true }.Start();
        }
    }

    static void Talk(Socket socket)
    {
        byte[] buffer = new byte[bufferSize];
        int received;
        try
        {
            while ((received = socket.Receive(buffer)) > 0)
                socket.Send(buffer, 0, received, SocketFlags.None);
        }
        catch (SocketException)
        {
        }
        socket.Dispose();
    }
}
