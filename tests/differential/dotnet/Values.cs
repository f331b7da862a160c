// Words into values, as ../player/values.c does it.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Differential;

static class Values
{
    public static long Number(Run run, Step step, Word word) => Number(run, step, word.Text);

    public static long Number(Run run, Step step, string text)
    {
        if (text.StartsWith("port(", StringComparison.Ordinal))
        {
            try
            {
                return ((IPEndPoint)run.Socket(step, text[5..^1]).LocalEndPoint)?.Port ?? 0;
            }
            catch (Exception exception) when (exception is not Broken)
            {
                return 0;
            }
        }
        if (text.StartsWith("0x", StringComparison.Ordinal)) return long.Parse(text[2..], NumberStyles.HexNumber);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number : throw new Broken(step, "not a number: " + text);
    }

    public static int Int(Run run, Step step, Word word) => unchecked((int)Number(run, step, word));

    public static bool Bool(Step step, Word word) =>
        word.Is("true") || (word.Is("false") ? false : throw new Broken(step, "neither true nor false: " + word.Text));

    public static T Name<T>(Step step, Word word) where T : struct, Enum
    {
        if (long.TryParse(word.Text, out long number)) return (T)Enum.ToObject(typeof(T), unchecked((int)number));
        return Enum.TryParse(word.Text, out T value) ? value : throw new Broken(step, "unknown name: " + word.Text);
    }

    public static SocketFlags Flags(Step step)
    {
        SocketFlags all = SocketFlags.None;
        foreach (string name in step.Named("flags")?.Split(',') ?? [])
            all |= Name<SocketFlags>(step, Word.Of(name));
        return all;
    }

    /// The bytes of a word with $DIR filled in.
    public static byte[] Data(Run run, Word word)
    {
        byte[] wanted = Encoding.ASCII.GetBytes("$DIR");
        int at = word.Bytes.AsSpan().IndexOf(wanted);
        return at < 0 ? word.Bytes
            : [.. word.Bytes[..at], .. Encoding.UTF8.GetBytes(run.Folder), .. word.Bytes[(at + 4)..]];
    }

    public static string Text(Run run, Word word) => Encoding.UTF8.GetString(Data(run, word));

    public static byte[] Hex(Word word) => word.Is("-") ? [] : Convert.FromHexString(word.Text);

    public static IPAddress Address(Step step, Word word) =>
        IPAddress.TryParse(word.Text, out IPAddress address) ? address : throw new Broken(step, "not an address: " + word.Text);

    public static EndPoint EndPoint(Run run, Step step, Word word)
    {
        string text = word.Text;
        if (word.Is("null")) return null;
        if (run.EndPoints.TryGetValue(text, out EndPoint kept)) return kept;
        if (text.StartsWith("unix:", StringComparison.Ordinal)) return Unix(run, text[5..]);
        if (text.StartsWith("dns:", StringComparison.Ordinal)) return Dns(run, step, text[4..].Split(':'));
        foreach (string kind in new[] { "local(", "remote(", "sender(" })
        {
            if (text.StartsWith(kind, StringComparison.Ordinal)) return OfSocket(run, step, kind, text[kind.Length..^1]);
        }
        int colon = text.IndexOf(":port(", StringComparison.Ordinal);
        if (colon < 0) colon = text.LastIndexOf(':');
        if (colon < 0) throw new Broken(step, "not an end point: " + text);
        return new IPEndPoint(Address(step, Word.Of(text[..colon])), (int)Number(run, step, text[(colon + 1)..]));
    }

    static UnixDomainSocketEndPoint Unix(Run run, string path)
    {
        path = path.Replace("$DIR", run.Folder);
        return new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path);
    }

    static DnsEndPoint Dns(Run run, Step step, string[] parts)
    {
        int port = (int)Number(run, step, parts[1]);
        return parts.Length > 2 ? new DnsEndPoint(parts[0], port, Name<AddressFamily>(step, Word.Of(parts[2])))
                                : new DnsEndPoint(parts[0], port);
    }

    static EndPoint OfSocket(Run run, Step step, string kind, string name)
    {
        if (kind[0] == 's') return run.Senders.GetValueOrDefault(name);
        Socket socket = run.Socket(step, name);
        try
        {
            return kind[0] == 'l' ? socket.LocalEndPoint : socket.RemoteEndPoint;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// What ReceiveFrom wants to be shown: an end point of the socket's kind.
    public static EndPoint Prototype(Socket socket) => socket.AddressFamily switch
    {
        AddressFamily.InterNetworkV6 => new IPEndPoint(IPAddress.IPv6Any, 0),
        AddressFamily.Unix => new UnixDomainSocketEndPoint("prototype"),
        _ => new IPEndPoint(IPAddress.Any, 0),
    };

    /// The words between the socket and the marks, all of them times=N over.
    public static Word[] Buffers(Step step)
    {
        Word[] words = step.Words.Skip(1).TakeWhile(word => word.Quoted || !word.Text.Contains('=')).ToArray();
        int times = int.Parse(step.Named("times") ?? "1");
        return Enumerable.Repeat(words, times).SelectMany(word => word).ToArray();
    }
}
